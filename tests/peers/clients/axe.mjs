// Every page of pod's, as axe-core finds it: without a violation, on a phone and
// on a desk, by day and by night.
//
// It reads PEER_DEMO, where a demo that nobody else uses has its pages.

import axe from 'axe-core';

import { app, press, say, signIn, simulator, withBrowser } from './chromium.mjs';

const WIDTHS = [390, 1280];
const SCHEMES = ['light', 'dark'];

let looked = 0;
const violations = [];

// Holds a page that is open against all rules of WCAG's and of good practice.
async function look(page, name) {
  await page.evaluate(axe.source);
  // What is folded away is to be in order as well.
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
  for (const width of WIDTHS) {
    await page.setViewport({ width, height: 900 });
    for (const scheme of SCHEMES) {
      await page.emulateMediaFeatures([
        { name: 'prefers-color-scheme', value: scheme },
        { name: 'prefers-reduced-motion', value: 'reduce' },
      ]);
      const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
      looked += 1;
      for (const { id, help, nodes } of found.violations) {
        for (const { target, failureSummary } of nodes) {
          violations.push(`${name}, ${width} px, ${scheme}: ${id}: ${help}\n  ${target}\n  ${failureSummary}`);
        }
      }
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (over > 0) violations.push(`${name}, ${width} px: it is ${over} px too wide`);
    }
  }
}

async function theApp(page) {
  const at = async (path, name = path) => {
    await page.goto(app(path));
    await look(page, name);
  };
  await at('', 'home');
  await at('privacy');
  await at('link');
  await at('no-such-page', 'the error page');

  await page.goto(app('sign-in'));
  await look(page, 'the login page of the tenant');
  await signIn(page);
  await at('', 'home, signed in');
  await at('orders', 'orders, none');
  await at('profile');
  // It was unfolded to be looked at.
  await page.type('#contact-new', '+1 415 555 0123');
  await press(page, 'form[action$="/profile/contacts"] button');
  await look(page, 'profile, a contact to be proved');

  await say('alexa, ask pizza on demand to get me a large pizza with onions');
  await at('orders', 'orders, one that awaits its code');
  await page.locator('input.code').fill('1');
  await press(page, 'form[action$="/confirm"] button');
  await look(page, 'orders, after a code that is none');
  await press(page, 'form[action$="/cancel"] button');
  await look(page, 'orders, with history');
  await at('orders?state=confirmed', 'orders, filtered');

  await press(page, 'form[action$="/sign-out"] button');
  await look(page, 'signed out');
}

async function theSimulator(page) {
  await page.goto(simulator);
  await page.waitForSelector('#ideas button');
  await look(page, 'the simulator');

  // It leaves the microphone open until somebody speaks.
  await page.locator('#patient').click();
  await page.locator('#utterance').fill('alexa, ask pizza on demand to get me a large pizza');
  await page.locator('#send').click();
  await page.waitForSelector('#inbox li button');
  await look(page, 'the simulator, with an order');

  await page.locator('#inbox li button').click();
  await page.waitForFunction(() => document.querySelectorAll('#steps [data-done]').length === 3);
  await look(page, 'the simulator, with a confirmed order');
}

await withBrowser(async (browser) => {
  for (const visit of [theApp, theSimulator]) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await visit(page);
    await context.close();
  }
});

if (violations.length > 0) {
  console.error(violations.join('\n'));
  process.exit(1);
}
console.log(`  ok  ${looked} views have no violation`);
