// One app of soketi, a server of Pusher's protocol.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';

// Its build is for `require` only.
const { Server } = createRequire(import.meta.url)('@soketi/soketi/dist/server.js');

const free = () =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const port = await free();
const host = '127.0.0.1';

// What it says of itself is not for whoever reads the address.
const say = console.log;
console.log = () => {};

await Server.start(
  {
    host,
    port,
    'appManager.array.apps': [
      {
        id: 'pod',
        key: 'key-that-everybody-may-know',
        secret: 'secret-that-everybody-may-know',
        enabled: true,
        enableClientMessages: false,
        maxConnections: -1,
        maxBackendEventsPerSecond: -1,
        maxClientEventsPerSecond: -1,
        maxReadRequestsPerSecond: -1,
        webhooks: [],
      },
    ],
    // It listens for these figures, asked for or not.
    'metrics.host': host,
    'metrics.port': await free(),
    // It is always asked from this machine, however full its memory is.
    'httpApi.acceptTraffic.memoryThreshold': 100,
  },
  () => say(`http://${host}:${port}`),
);
