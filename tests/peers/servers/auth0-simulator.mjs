// A tenant made of @simulacrum/auth0-simulator: its own passwordless start,
// its own tokens and keys.
//
// It has no Management API at all, so this much is added: the one customer,
// whom pod looks up before it has a code sent. And it wants to speak HTTPS by a
// certificate in somebody's home folder: its routes are served in the clear
// instead, as they are.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';

// Its build for `import` cannot sign a token.
const { simulation } = createRequire(import.meta.url)('@simulacrum/auth0-simulator');

const CUSTOMER = 'auth0|ada';
const EMAIL = 'ada@example.com';
const PHONE = '+14155550142';

const identity = (provider, userId, profile) => ({
  provider,
  connection: provider,
  user_id: userId,
  profileData: profile,
});

let routes;

const extendRouter = (router) => {
  routes = router;
  router.get('/api/v2/users/:id', (request, response) => {
    if (request.params.id !== CUSTOMER || !request.get('authorization')?.startsWith('Bearer ')) {
      response.status(404).json({ statusCode: 404, error: 'Not Found' });
      return;
    }
    response.json({
      user_id: CUSTOMER,
      email: EMAIL,
      email_verified: true,
      phone_number: PHONE,
      phone_verified: true,
      identities: [
        { provider: 'auth0', connection: 'POD-DB', user_id: 'ada' },
        identity('email', 'e1', { email: EMAIL, email_verified: true }),
        identity('sms', 's1', { phone_number: PHONE, phone_verified: true }),
      ],
    });
  });
};

try {
  simulation({
    options: { clientID: 'backend', audience: 'https://pod.example/api', scope: 'openid' },
    initialState: { users: [{ id: CUSTOMER, name: 'Ada', email: EMAIL }] },
    extend: { extendRouter },
  });
} catch (error) {
  // By then the routes are complete.
  if (error.constructor.name !== 'NoSSLError') throw error;
}

const server = createServer(routes);
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
