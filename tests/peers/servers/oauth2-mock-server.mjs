// A tenant that signs whatever it is told to, made of oauth2-mock-server.
//
// What Auth0 has and it lacks is said here: its paths, the slash at the end of
// its name, and a way to rotate keys. The tokens, their keys and their
// signatures are its own.

import { createServer } from 'node:http';

import { OAuth2Issuer, OAuth2Service } from 'oauth2-mock-server';

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
  const url = new URL(request.url, 'http://localhost');
  if (request.method === 'POST' && url.pathname === '/keys') {
    await issuer.keys.generate(url.searchParams.get('alg'));
    response.writeHead(204).end();
  } else {
    service.requestHandler(request, response);
  }
});
server.listen(0, '127.0.0.1', () => {
  issuer.url = `http://127.0.0.1:${server.address().port}`;
  console.log(issuer.url);
});
