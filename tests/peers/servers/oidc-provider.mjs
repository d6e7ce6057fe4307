// A tenant made of oidc-provider, a certified OpenID provider: its own login
// and consent pages, its own codes and tokens, at the paths that Auth0 has.

import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const API = 'https://pod.example/api';
const CALLBACK = 'http://127.0.0.1:7100/pod/app/callback';

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(`${address}/`, {
    clients: [
      {
        // The web app. It may leave PKCE out, so that whoever strips it from
        // the address gets as far as the exchange.
        client_id: 'web',
        client_secret: 'web-secret-that-everybody-may-know',
        redirect_uris: [CALLBACK],
        post_logout_redirect_uris: ['http://127.0.0.1:7100/pod/app'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'client_secret_post',
      },
      {
        // The same where PKCE is required.
        client_id: 'strict',
        client_secret: 'strict-secret-that-everybody-may-know',
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'client_secret_post',
      },
      {
        // Amazon, who keeps a customer's account linked.
        client_id: 'alexa',
        client_secret: 'alexa-secret-that-everybody-may-know',
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    clientBasedCORS: () => false,
    cookies: { keys: ['a key for cookies that everybody may know'] },
    pkce: { required: (_context, client) => client.clientId === 'strict' },
    rotateRefreshToken: true,
    features: {
      devInteractions: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // Auth0 calls it `audience`; without one, the tokens are for nobody.
        defaultResource: (_context, client) => (client.clientId === 'alexa' ? API : undefined),
        getResourceServerInfo: () => ({
          scope: 'order:pizza',
          audience: API,
          accessTokenTTL: 600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
        useGrantedResource: () => true,
      },
    },
    routes: {
      authorization: '/authorize',
      token: '/oauth/token',
      jwks: '/.well-known/jwks.json',
      end_session: '/oidc/logout',
    },
  });
  server.on('request', provider.callback());
  console.log(address);
});
