// What moves on the pages: the orders, as they change, and the time that is
// left. Without it everything works but that.
"use strict";

const base = document.body.dataset.base;
const orders = document.querySelector("[data-orders]");
const live = document.querySelector("[data-live]");
const offline = document.querySelector("[data-offline]");

// How often to look if nothing is told, in milliseconds.
const LOOK = 5000;

let timer = null;
let looking = false;
let again = false;

function show(state) {
  if (!live) return;
  live.hidden = false;
  live.dataset.state = state;
  live.textContent = live.dataset[state];
}

// Times are the reader's own.
function localize(within) {
  const written = new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  for (const time of within.querySelectorAll("time[data-time]")) {
    const then = new Date(time.dateTime);
    const utc = time.textContent.match(/\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC/);
    if (utc) time.textContent = time.textContent.replace(utc[0], written.format(then));
  }
}

function tick() {
  for (const left of document.querySelectorAll("progress[data-expires]")) {
    const seconds = (new Date(left.dataset.expires) - Date.now()) / 1000;
    left.value = Math.max(0, seconds);
    if (seconds <= 0 && !left.dataset.over) {
      left.dataset.over = "yes";
      look();
    }
  }
}

// Puts the orders in as they are now, and leaves what somebody types.
async function look() {
  if (!orders) return;
  if (looking) {
    again = true;
    return;
  }
  looking = true;
  try {
    const answer = await fetch(`${base}/orders/live${orders.dataset.orders}`, {
      headers: { accept: "text/html" },
      redirect: "error",
    });
    if (answer.status === 401) {
      location.assign(`${base}/?said=session-over`);
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const typed = new Map();
    for (const field of orders.querySelectorAll("input.code")) typed.set(field.id, field.value);
    const focused = document.activeElement && document.activeElement.id;
    orders.replaceChildren(...page.body.childNodes);
    for (const [id, value] of typed) {
      const field = document.getElementById(id);
      if (field) field.value = value;
    }
    const field = focused && document.getElementById(focused);
    if (field && field !== document.activeElement) field.focus();
    localize(orders);
    if (offline) offline.hidden = true;
  } catch {
    if (offline) offline.hidden = navigator.onLine;
  } finally {
    looking = false;
    if (again) {
      again = false;
      look();
    }
  }
}

function poll(on) {
  if (on && timer === null) timer = setInterval(look, LOOK);
  if (!on && timer !== null) {
    clearInterval(timer);
    timer = null;
  }
}

function listen() {
  show("connecting");
  const source = new EventSource(`${base}/events`);
  source.onopen = () => {
    show("on");
    poll(false);
    look();
  };
  source.onerror = () => {
    show(source.readyState === EventSource.CLOSED ? "off" : "connecting");
    poll(true);
    // A server that refused is asked again after a while.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 6 * LOOK);
  };
  source.addEventListener("reset", look);
  for (const stage of ["placed", "awaiting_code", "confirmed", "expired", "refused", "superseded", "cancelled", "undelivered"]) {
    source.addEventListener(`order.${stage}`, look);
  }
}

// Listens to a server of Pusher's protocol; to pod itself if that fails.
function subscribe() {
  show("connecting");
  const { socket: address, channel } = orders.dataset;
  const socket = new WebSocket(address);
  let heard = false;
  const say = (event, data) => socket.send(JSON.stringify({ event, data }));
  socket.onmessage = async ({ data }) => {
    const message = JSON.parse(data);
    if (message.event === "pusher:connection_established") {
      try {
        const form = new URLSearchParams({
          socket_id: JSON.parse(message.data).socket_id,
          channel_name: channel,
        });
        const answer = await fetch(`${base}/push`, { method: "POST", body: form });
        if (!answer.ok) throw new Error(String(answer.status));
        say("pusher:subscribe", { channel, ...(await answer.json()) });
      } catch {
        socket.close();
      }
    } else if (message.event === "pusher_internal:subscription_succeeded") {
      heard = true;
      show("on");
      poll(false);
      look();
    } else if (message.event === "pusher:ping") {
      say("pusher:pong", {});
    } else if (message.event.startsWith("order.")) {
      look();
    } else if (message.event === "pusher:error") {
      socket.close();
    }
  };
  socket.onclose = () => {
    if (!heard) {
      listen();
      return;
    }
    show("connecting");
    poll(true);
    setTimeout(subscribe, LOOK);
  };
}

localize(document);
setInterval(tick, 1000);
if (orders) {
  // Whatever was told or not, a minute later it is seen.
  setInterval(look, 12 * LOOK);
  if (orders.dataset.socket && "WebSocket" in window) subscribe();
  else if ("EventSource" in window) listen();
  else poll(true);
  window.addEventListener("online", look);
  window.addEventListener("offline", () => {
    if (offline) offline.hidden = false;
  });
}
