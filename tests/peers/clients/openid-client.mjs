// The emulated tenant, as a certified OpenID client meets it.
//
// It reads AUTH0_DOMAIN, and what else it needs is the demo's.

import assert from 'node:assert/strict';

import * as client from 'openid-client';

const ISSUER = new URL(`https://${process.env.AUTH0_DOMAIN}/`);
const API = 'https://pod.localtest.me';
const ADA = { username: 'ada@example.com', password: 'Analytical-Engine-1843' };

const web = {
  id: 'pod-emulator-web',
  secret: 'web-secret-that-everybody-may-know',
  callback: 'http://127.0.0.1:7100/pod/app/oidc/callback',
};
const alexa = {
  id: 'pod-emulator-alexa',
  secret: 'alexa-secret-that-everybody-may-know',
  callback: 'https://pitangui.amazon.com/api/skill/link/M2PODEMULATOR',
};

const discover = (application, authentication) =>
  client.discovery(ISSUER, application.id, undefined, authentication(application.secret));

// A browser that keeps one tenant's cookies, and goes as far as the tenant.
class Browser {
  cookies = new Map();

  async open(url, options = {}) {
    for (;;) {
      const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(url, { ...options, headers: { cookie }, redirect: 'manual' });
      for (const set of answer.headers.getSetCookie()) {
        const [name, value] = set.split(';')[0].split('=');
        this.cookies.set(name, value);
      }
      const location = answer.headers.get('location');
      if (!location) return { url, page: await answer.text() };
      url = new URL(location, url);
      options = {};
      if (url.origin !== ISSUER.origin) return { url };
    }
  }

  // Signs in, where the tenant asks for it.
  async approve(url, { username, password } = ADA) {
    const asked = await this.open(url);
    if (!asked.page) return asked.url;
    const [, action] = asked.page.match(/action="([^"]+)"/);
    const [, state] = asked.page.match(/name="state" value="([^"]+)"/);
    const body = new URLSearchParams({ state, username, password });
    const signedIn = await this.open(new URL(action, asked.url), { method: 'POST', body });
    assert.ok(!signedIn.page, signedIn.page);
    return signedIn.url;
  }
}

// Begins a sign-in: where to go, and what to check when the browser is back.
async function begin(configuration, application, more = {}) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  };
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: application.callback,
    scope: 'openid profile email',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...more,
  });
  return { url, checks };
}

const refused = (error, call) =>
  assert.rejects(call, (refusal) => {
    assert.equal(refusal.error ?? refusal.code, error, refusal);
    return true;
  });

async function aSignInIsGoodOnce() {
  const configuration = await discover(web, client.ClientSecretPost);
  const { url, checks } = await begin(configuration, web);
  const back = await new Browser().approve(url);

  const granted = await client.authorizationCodeGrant(configuration, back, checks);
  const claims = granted.claims();
  assert.equal(claims.sub, 'auth0|ada');
  const profile = await client.fetchUserInfo(configuration, granted.access_token, claims.sub);
  assert.equal(profile.email, 'ada@example.com');

  await refused('invalid_grant', () =>
    client.authorizationCodeGrant(configuration, back, checks));
}

async function aCodeIsBoundToItsChallenge() {
  const configuration = await discover(web, client.ClientSecretPost);
  for (const pkceCodeVerifier of [client.randomPKCECodeVerifier(), undefined]) {
    const { url, checks } = await begin(configuration, web);
    const back = await new Browser().approve(url);
    await refused('invalid_grant', () =>
      client.authorizationCodeGrant(configuration, back, { ...checks, pkceCodeVerifier }));
  }
}

async function aStrippedChallengeIsNoticedWhenTheCodeIsExchanged() {
  const configuration = await discover(web, client.ClientSecretPost);
  const { url, checks } = await begin(configuration, web);
  url.searchParams.delete('code_challenge');
  url.searchParams.delete('code_challenge_method');
  const back = await new Browser().approve(url);
  await refused('invalid_grant', () =>
    client.authorizationCodeGrant(configuration, back, checks));
}

async function refreshTokensRotateAndOneUsedTwiceEndsThemAll() {
  const administrator = await discover(
    { id: 'pod-emulator-setup', secret: 'setup-secret-that-everybody-may-know' },
    client.ClientSecretPost,
  );
  const { access_token: token } = await client.clientCredentialsGrant(administrator, {
    audience: new URL('api/v2/', ISSUER).href,
  });
  // Without the minute in which a lost answer may be asked for again.
  const changed = await fetch(new URL(`api/v2/clients/${alexa.id}`, ISSUER), {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      refresh_token: {
        rotation_type: 'rotating',
        expiration_type: 'expiring',
        leeway: 0,
        token_lifetime: 31_557_600,
        idle_token_lifetime: 2_592_000,
      },
    }),
  });
  assert.equal(changed.status, 200, await changed.text());

  const configuration = await discover(alexa, client.ClientSecretBasic);
  const { url, checks } = await begin(configuration, alexa, {
    scope: 'openid offline_access order:pizza',
    audience: API,
  });
  const back = await new Browser().approve(url);
  const linked = await client.authorizationCodeGrant(configuration, back, checks);
  const renewed = await client.refreshTokenGrant(configuration, linked.refresh_token);
  assert.notEqual(renewed.refresh_token, linked.refresh_token);

  await refused('invalid_grant', () =>
    client.refreshTokenGrant(configuration, linked.refresh_token));
  await refused('invalid_grant', () =>
    client.refreshTokenGrant(configuration, renewed.refresh_token));
}

async function aRevokedRefreshTokenRenewsNothing() {
  const configuration = await discover(alexa, client.ClientSecretBasic);
  const { url, checks } = await begin(configuration, alexa, {
    scope: 'openid offline_access',
    audience: API,
  });
  const back = await new Browser().approve(url);
  const linked = await client.authorizationCodeGrant(configuration, back, checks);

  await client.tokenRevocation(configuration, linked.refresh_token);
  await refused('invalid_grant', () =>
    client.refreshTokenGrant(configuration, linked.refresh_token));
}

async function whoeverLeavesIsAskedForAPasswordAgain() {
  const configuration = await discover(web, client.ClientSecretPost);
  const browser = new Browser();
  const first = await begin(configuration, web);
  const back = await browser.approve(first.url);
  const granted = await client.authorizationCodeGrant(configuration, back, first.checks);

  const silent = await begin(configuration, web, { prompt: 'none' });
  const still = (await browser.open(silent.url)).url;
  const known = await client.authorizationCodeGrant(configuration, still, silent.checks);
  assert.equal(known.claims().sub, 'auth0|ada');

  const leaving = client.buildEndSessionUrl(configuration, {
    id_token_hint: granted.id_token,
    post_logout_redirect_uri: 'http://127.0.0.1:7100/pod/app/?said=signed-out',
    state: 'bye & thanks',
  });
  const left = (await browser.open(leaving)).url;
  assert.equal(left.searchParams.get('state'), 'bye & thanks');

  const again = await begin(configuration, web, { prompt: 'none' });
  const stranger = (await browser.open(again.url)).url;
  await refused('login_required', () =>
    client.authorizationCodeGrant(configuration, stranger, again.checks));
}

for (const holds of [
  aSignInIsGoodOnce,
  aCodeIsBoundToItsChallenge,
  aStrippedChallengeIsNoticedWhenTheCodeIsExchanged,
  refreshTokensRotateAndOneUsedTwiceEndsThemAll,
  aRevokedRefreshTokenRenewsNothing,
  whoeverLeavesIsAskedForAPasswordAgain,
]) {
  await holds();
  console.log(`  ok  ${holds.name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`);
}
