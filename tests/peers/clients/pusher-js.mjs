// A customer's page, as pusher-js listens for it.
//
// It is told where the server is by PEER_SOKETI, where it is authorized by
// PEER_AUTHORIZE, its own channel by PEER_CHANNEL, and somebody else's by
// PEER_FOREIGN_CHANNEL. It says what comes of each in a line of JSON.

import Pusher from 'pusher-js';

const { PEER_SOKETI, PEER_AUTHORIZE, PEER_CHANNEL, PEER_FOREIGN_CHANNEL } = process.env;

const say = (line) => console.log(JSON.stringify(line));

const connect = (channelAuthorization) => {
  const { hostname, port } = new URL(PEER_SOKETI);
  return new Pusher('key-that-everybody-may-know', {
    cluster: '',
    wsHost: hostname,
    wsPort: Number(port),
    forceTLS: false,
    enabledTransports: ['ws'],
    disableStats: true,
    channelAuthorization,
  });
};

// Subscribes, and hears everything on the channel.
const listen = (pusher, name) =>
  new Promise((resolve) => {
    const channel = pusher.subscribe(name);
    channel.bind('pusher:subscription_succeeded', () => resolve({ subscribed: name }));
    channel.bind('pusher:subscription_error', ({ type, status }) =>
      resolve({ refused: name, type, status }),
    );
    channel.bind_global((event, data) => {
      if (!event.startsWith('pusher:')) say({ channel: name, event, data });
    });
  });

// As pages do it: pod's endpoint is asked for every channel.
const page = connect({ transport: 'ajax', endpoint: PEER_AUTHORIZE });
say(await listen(page, PEER_CHANNEL));
say(await listen(page, PEER_FOREIGN_CHANNEL));

// Nobody is asked, or what was got for one channel is shown for another.
const authorize = async (socketId, channelName) => {
  const body = new URLSearchParams({ socket_id: socketId, channel_name: channelName });
  return (await fetch(PEER_AUTHORIZE, { method: 'POST', body })).json();
};
const thief = (steal) =>
  connect({
    customHandler: ({ socketId }, callback) => {
      steal(socketId).then((auth) => callback(null, auth), (error) => callback(error, null));
    },
  });
for (const steal of [
  async () => ({ auth: `key-that-everybody-may-know:${'0'.repeat(64)}` }),
  (socketId) => authorize(socketId, PEER_CHANNEL),
]) {
  say(await listen(thief(steal), PEER_FOREIGN_CHANNEL));
}

// What was got for one socket is shown on another.
const stolen = await authorize('1234.1234', PEER_CHANNEL);
say(await listen(thief(async () => stolen), PEER_CHANNEL));

say('listening');
