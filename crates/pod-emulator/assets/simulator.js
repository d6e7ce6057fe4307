// The simulator: what is said goes to the emulated Echo, what arrives by post
// is shown as a telephone shows it. Whatever others wrote becomes text, never
// markup.

/** How long a device listens, in seconds, before it asks again or closes. */
const PATIENCE = 8;
/** How many letters are spoken in a second, where nobody hears them. */
const LETTERS_A_SECOND = 16;
/** How many messages are shown. */
const MESSAGES = 20;

const at = (id) => document.getElementById(id);
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

/** Makes an element of text and of other elements. */
function make(name, className, ...content) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

const house = { invocation: "", devices: [], locales: [] };
const echo = { device: null, open: false, busy: false, reprompt: null };
/** The code that came last and was not used, and the number of its message. */
const post = { newest: 0, code: null };

// Asking the emulator.

async function ask(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.status === 204) return null;
  const answer = await response.json();
  return { ...answer, failed: !response.ok };
}

function trouble(words) {
  at("trouble").hidden = !words;
  at("trouble").textContent = words;
}

// The conversation.

function bubble(kind, speaker, text) {
  const line = make("p", kind);
  if (speaker) line.append(make("span", "visually-hidden", `${speaker}: `));
  const words = make("span", "", text);
  words.dir = "auto";
  if (kind === "alexa") words.lang = tongue();
  line.append(words);
  at("talk").append(line);
  at("talk").scrollTop = at("talk").scrollHeight;
  return line;
}

async function say(utterance) {
  const said = utterance.trim();
  if (!said || echo.busy || !echo.device) return;
  echo.busy = true;
  stopListening();
  at("utterance").value = "";
  bubble("you", "You", said);
  ring("thinking", "It asks the skill.");
  try {
    const heard = await ask("say", { device: echo.device.name, utterance: said, locale: echo.device.locale });
    trouble("");
    answered(heard, said);
  } catch {
    trouble("The demo does not answer. Is it still running?");
    ring("idle", "It is out of reach.");
  } finally {
    echo.busy = false;
  }
}

function answered(heard, said) {
  if (heard.request) uncover(heard);
  if (heard.failed) {
    // The session is over if the skill failed, or somebody else ended it.
    if (heard.request || heard.error.startsWith("no session")) echo.open = false;
    unheard(heard, said);
    return;
  }
  echo.open = heard.session_open;
  echo.reprompt = heard.reprompt;
  bubble("alexa", "Alexa", heard.speech || "(She says nothing.)");
  if (confirmed(heard)) {
    step(4);
    settle();
  }
  suggest();
  speak(heard.speech);
}

/** Why nothing was heard, and what to say instead. */
function unheard(heard, said) {
  ring(echo.open ? "listening" : "idle", "It did not reach the skill.");
  const line = bubble("aside wrong", "", `Alexa cannot do that: ${heard.error}.`);
  if (!echo.open && !heard.request) {
    line.firstElementChild.textContent = "No session is open, so Alexa needs to hear the skill’s name. ";
    line.append(idea(`Alexa, ask ${house.invocation} to ${said}`, "best"));
  }
  suggest();
  if (echo.open) listen();
}

/** A confirmation ends the session with a card; a refused code has none. */
function confirmed(heard) {
  const slots = heard.request.request.intent?.slots ?? {};
  return "Code" in slots && heard.card !== null && !heard.session_open;
}

// Speaking and listening.

/** What the listening is at: a change of it ends the one before. */
let turn = 0;

function stopListening() {
  turn += 1;
  window.speechSynthesis?.cancel();
}

function ring(state, mood, left = 0) {
  at("ring").dataset.state = state;
  const lit = state === "listening" ? (100 * left) / PATIENCE : 100;
  at("light").setAttribute("stroke-dasharray", `${lit} 100`);
  at("seconds").textContent = state === "listening" && left ? Math.ceil(left) : "";
  if (mood && at("mood").textContent !== mood) at("mood").textContent = mood;
}

async function speak(text) {
  const mine = ++turn;
  ring("speaking", "It speaks.");
  await spoken(text);
  if (mine !== turn) return;
  if (echo.open) listen();
  else ring("idle", "The session is closed. It waits for its name.");
}

/** Waits until a text was spoken, or would have been. */
function spoken(text) {
  const silent = pause(Math.min(text.length / LETTERS_A_SECOND, 12));
  if (!at("aloud").checked || !window.speechSynthesis) return silent;
  return new Promise((done) => {
    const words = new SpeechSynthesisUtterance(text);
    words.lang = tongue();
    words.onend = done;
    words.onerror = () => silent.then(done);
    window.speechSynthesis.speak(words);
  });
}

/** Listens as a device does: eight seconds, once more, and no longer. */
async function listen() {
  const mine = ++turn;
  for (const last of [!echo.reprompt, true]) {
    for (let left = PATIENCE; left > 0; left -= 0.25) {
      const waits = at("patient").checked || at("utterance").value !== "";
      if (waits) left = PATIENCE;
      ring("listening", waits ? "It listens." : `It listens for ${PATIENCE} seconds.`, left);
      await pause(0.25);
      if (mine !== turn) return;
    }
    if (last) break;
    bubble("aside", "", "Nobody answers.");
    bubble("alexa", "Alexa", echo.reprompt);
    ring("speaking", "It asks once more.");
    await spoken(echo.reprompt);
    if (mine !== turn) return;
  }
  await leave("Nobody answers, and the session closes.");
}

async function leave(words) {
  stopListening();
  echo.open = false;
  ring("idle", "The session is closed. It waits for its name.");
  try {
    const heard = await ask("leave", { device: echo.device.name });
    if (heard?.request) uncover(heard);
  } catch {
    trouble("The demo does not answer. Is it still running?");
  }
  if (words) bubble("aside", "", words);
  suggest();
}

// Sentences to pick.

const digits = (code) => code.split("").join(" ");

/** A sentence to pick, with a note on it if it needs one. */
function idea(words, className, note) {
  const button = make("button", `button secondary ${className}`, words);
  if (note) button.append(make("span", "muted", note));
  button.type = "button";
  button.addEventListener("click", () => say(words));
  return button;
}

function theCode(code) {
  const words = `the code is ${digits(code)}`;
  return echo.open ? words : `Alexa, tell ${house.invocation} ${words}`;
}

function suggest() {
  const to = (words) => (echo.open ? words : `Alexa, ask ${house.invocation} to ${words}`);
  const tell = (words) => (echo.open ? words : `Alexa, tell ${house.invocation} ${words}`);
  const order = to("order a large pizza with onions");
  const guess = post.code === "123456" ? "654321" : "123456";
  const ideas = post.code
    ? [[theCode(post.code)], [theCode(guess), "a guess"], [tell("I lost my code")], [tell("cancel my order")]]
    : [[order], [to("order a small pizza")], [echo.open ? "help" : `Alexa, open ${house.invocation}`]];
  const picked = at("ideas").contains(document.activeElement);
  at("ideas").replaceChildren(...ideas.map(([words, note], place) => make("li", "", idea(words, place ? "" : "best", note))));
  if (picked) at("ideas").querySelector("button").focus();
}

function step(current) {
  [...at("steps").children].forEach((item, place) => {
    item.toggleAttribute("data-done", place + 1 < current);
    if (place + 1 === current) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  });
}

// The telephone.

/** The code of a message: after the last `#`, or the last number like one. */
function codeIn(text) {
  const bound = text.trimEnd().match(/#(\d{4,8})$/);
  return bound ? bound[1] : (text.match(/(?<!\d)\d{4,8}(?!\d)/g) ?? []).at(-1) ?? null;
}

/** A text with its code made to stand out. */
function withCode(text, code) {
  const words = make("p", "text");
  words.dir = "auto";
  text.split(code ?? "\0").forEach((part, place) => {
    if (place) words.append(make("b", "", code));
    words.append(part);
  });
  return words;
}

function letter(message) {
  const kind = message.channel === "phone" ? "Text message" : "E-mail";
  const when = make("time", "", new Date(message.at).toLocaleTimeString([], { timeStyle: "short" }));
  when.dateTime = message.at;
  const head = make("div", "head", make("span", "", `${kind} to ${message.to}`), when);
  const code = codeIn(message.text);
  const item = make("li", "", head, withCode(message.text, code));
  if (code) {
    const button = make("button", "button secondary", `Say ${code} to the Echo`);
    button.type = "button";
    button.addEventListener("click", () => say(theCode(code)));
    item.append(button);
  }
  return item;
}

function arrived(messages, fresh) {
  if (!messages.length) return;
  at("nothing").hidden = true;
  settle();
  for (const message of messages) {
    post.newest = Math.max(post.newest, message.number);
    at("inbox").prepend(letter(message));
    if (fresh) post.code = codeIn(message.text);
  }
  while (at("inbox").childElementCount > MESSAGES) at("inbox").lastElementChild.remove();
  if (!fresh) return settle();
  if (post.code) step(3);
  suggest();
}

/** The newest code has done its work, or another came. */
function settle() {
  post.code = null;
  for (const item of at("inbox").children) item.classList.add("settled");
}

/** How long to wait for a message, in seconds: a pod answers everything in fewer than eight. */
const POST = 5;

async function waitForPost() {
  const show = (state, words) => {
    at("post").dataset.state = state;
    at("post").textContent = words;
  };
  for (let fresh = false; ; ) {
    try {
      const response = await fetch(`inbox?after=${post.newest}&wait=${fresh ? POST : 0}`);
      if (!response.ok) throw new Error(response.statusText);
      arrived(await response.json(), fresh);
      fresh = true;
      show("on", "Live");
    } catch {
      show("off", "Out of reach");
      await pause(3);
    }
  }
}

// The owner's orders: the web app itself, once somebody has signed in to it.

async function lookWhoIsThere() {
  let known;
  try {
    known = (await fetch("../app/orders/live", { redirect: "error" })).ok;
  } catch {
    return;
  }
  at("stranger").hidden = known;
  if (known === !at("orders").hidden) return;
  at("orders").hidden = !known;
  at("orders").src = known ? "../app/orders" : "about:blank";
}

function watchWhoIsThere() {
  // Whoever signed in did so in another tab, or is shown out in the frame.
  window.addEventListener("focus", lookWhoIsThere);
  document.addEventListener("visibilitychange", () => document.hidden || lookWhoIsThere());
  at("orders").addEventListener("load", () => at("orders").hidden || lookWhoIsThere());
  lookWhoIsThere();
}

// Under the hood.

/** Tokens are shown by their beginning only. */
function shortened(key, value) {
  return /token$/i.test(key) && typeof value === "string" ? `${value.slice(0, 8)}… (shortened here)` : value;
}

function uncover(heard) {
  const checks = heard.checks ?? [];
  const kept = checks.filter((check) => check.passed).length;
  at("verdict").textContent = `${kept} of ${checks.length} checks of the last request passed`;
  at("wire").hidden = false;
  at("checks").replaceChildren(...checks.map((check) => {
    const mark = make("span", "mark", check.passed ? "✓" : "✗");
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", check.passed ? "passed" : "failed");
    return make("li", check.passed ? "" : "failed", mark, make("b", "", check.name), make("span", "", check.says));
  }));
  at("headers").replaceChildren(...Object.entries(heard.signature_headers ?? {}).flatMap(([name, value]) => [
    make("dt", "", name),
    make("dd", "", value),
  ]));
  at("request").textContent = JSON.stringify(heard.request, shortened, 2);
  at("response").textContent = heard.response ? JSON.stringify(heard.response, shortened, 2) : heard.error ?? "";
  at("status").textContent = heard.status ? `HTTP ${heard.status}` : "";
}

// The house.

const capital = (name) => name.charAt(0).toUpperCase() + name.slice(1);

function language(locale) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(locale);
  } catch {
    return locale;
  }
}

/** What is heard and said, whatever the device is set to: the skill has one language. */
const tongue = () => (echo.device?.locale.startsWith("en") ? echo.device.locale : "en-US");

/** Goes to a device, which has a conversation of its own. */
async function goTo(name) {
  if (echo.device && echo.open) await leave("");
  echo.device = house.devices.find((device) => device.name === name) ?? house.devices[0];
  echo.open = echo.device.session_open;
  echo.device.session_open = false;
  echo.reprompt = null;
  const { customer, locale, login } = echo.device;
  at("owner").textContent = customer ? `${capital(customer)}’s account is linked` : "No account is linked";
  at("language").value = locale;
  at("login").hidden = !login;
  [at("login-name").textContent, at("login-password").textContent] = login ?? ["", ""];
  at("talk").replaceChildren();
  bubble("aside", "", "Say something to the Echo, or pick a sentence below. Anybody may: it does not know voices.");
  settle();
  step(1);
  suggest();
  if (echo.open) listen();
  else ring("idle", "It waits for its name.");
}

function enableMicrophone() {
  const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
  if (!Recognition) return;
  at("microphone").hidden = false;
  at("ears").hidden = false;
  at("microphone").addEventListener("click", () => {
    const recognition = new Recognition();
    recognition.lang = tongue();
    recognition.onresult = (event) => say(event.results[0][0].transcript);
    recognition.onerror = () => bubble("aside wrong", "", "The microphone heard nothing.");
    recognition.start();
  });
}

async function begin() {
  at("speak").addEventListener("submit", (event) => {
    event.preventDefault();
    say(at("utterance").value);
  });
  at("device").addEventListener("change", (event) => goTo(event.target.value));
  at("language").addEventListener("change", (event) => { echo.device.locale = event.target.value; });
  enableMicrophone();
  watchWhoIsThere();
  try {
    Object.assign(house, await (await fetch("state")).json());
  } catch {
    trouble("The demo does not answer. Start it, and load this page again.");
    return;
  }
  at("shop").textContent = house.shop;
  at("utterance").placeholder = `Alexa, open ${house.invocation}`;
  at("device").append(...house.devices.map(({ name, customer }) => {
    const option = make("option", "", `${capital(name)} (${customer ? `${capital(customer)}’s` : "no account"})`);
    option.value = name;
    return option;
  }));
  at("language").append(...house.locales.map((locale) => {
    const option = make("option", "", language(locale));
    option.value = locale;
    return option;
  }));
  await goTo(house.devices[0].name);
  waitForPost();
}

begin();
