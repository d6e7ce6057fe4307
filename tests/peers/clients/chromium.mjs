// A customer's browser at pod's pages: Debian's Chromium, led by Puppeteer.
//
// It reads where the pages are, up to `/pod/`, from PEER_DEMO.

import puppeteer from 'puppeteer-core';

const DEMO = process.env.PEER_DEMO;

export const app = (path) => new URL(`app/${path}`, DEMO).href;
export const simulator = new URL('simulator/', DEMO).href;

export const ADA = { username: 'ada@example.com', password: 'Analytical-Engine-1843' };

// Starts one, does something with it, and ends it.
export async function withBrowser(use) {
  const browser = await puppeteer.launch({
    executablePath: process.env.PEER_CHROMIUM ?? '/usr/bin/chromium',
    // Root has no sandbox, and nothing but pod's own pages is shown.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--no-proxy-server', '--lang=en-US'],
  });
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

// Does what leads to another page, and waits for that one.
export async function follow(page, act) {
  await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), act()]);
}

// Clicks on what leads to another page.
export const press = (page, selector) =>
  follow(page, () => page.locator(selector).setTimeout(10_000).click());

// Signs in as Ada, on the tenant's own page.
export async function signIn(page) {
  await page.goto(app('sign-in'));
  for (const [name, value] of Object.entries(ADA)) {
    await page.locator(`input[name=${name}]`).fill(value);
  }
  await press(page, 'button[type=submit]');
  if (!page.url().startsWith(app(''))) throw new Error(`signing in led to ${page.url()}`);
}

// Says something to Ada's Echo, as the simulator does, without a page.
export async function say(utterance) {
  const answer = await fetch(new URL('say', simulator), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ device: 'kitchen', utterance }),
  });
  if (!answer.ok) throw new Error(`the Echo answered ${answer.status}`);
}
