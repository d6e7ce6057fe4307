// Tenants that sign whatever they are told to, made of oauth2-mock-server: as
// many as are asked for, so that every test rotates keys of its own.
//
// What Auth0 has and it lacks is said here: its paths, the slash at the end of
// its name, and a way to add keys. The tokens, their keys and their signatures
// are its own.

import { createServer } from 'node:http';

import { OAuth2Issuer, OAuth2Service } from 'oauth2-mock-server';

const listen = (server) =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`));
  });

async function tenant() {
  const issuer = new OAuth2Issuer(true);
  await issuer.keys.generate('RS256');
  const service = new OAuth2Service(issuer, {
    jwks: '/.well-known/jwks.json',
    token: '/oauth/token',
  });
  // A token says what whoever asks for it wants, good or bad.
  service.on('beforeTokenSigning', (token, request) => {
    Object.assign(token.header, JSON.parse(request.body.header ?? '{}'));
    Object.assign(token.payload, JSON.parse(request.body.claims ?? '{}'));
  });
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, issuer.url);
    if (request.method === 'POST' && url.pathname === '/keys') {
      const key = await issuer.keys.generate(url.searchParams.get('alg'));
      response.end(JSON.stringify({ kid: key.kid }));
    } else {
      service.requestHandler(request, response);
    }
  });
  issuer.url = await listen(server);
  return issuer.url;
}

const reception = createServer(async (request, response) => {
  const url = await tenant();
  response.end(JSON.stringify({ url }));
});
console.log(await listen(reception));
