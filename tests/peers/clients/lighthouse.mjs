// How fast and how well made pod's pages are, as Lighthouse finds them on a
// phone that is slow and far away.
//
// It reads PEER_DEMO, where a demo has its pages.

import assert from 'node:assert/strict';

import lighthouse from 'lighthouse';

import { app, signIn, withBrowser } from './chromium.mjs';

const CATEGORIES = ['performance', 'accessibility', 'best-practices'];

// What each has to have, of 100.
const ENOUGH = 95;

// How often it looks: whatever else this machine does makes a page slower only.
const TIMES = 3;

// How many bytes the first page may bring, and all that it needs.
const FIRST_PAGE = 60_000;

// Sees a page as a stranger does, whose browser has nothing of it yet, but for
// the cookies.
async function see(page, path) {
  const flags = { onlyCategories: CATEGORIES, logLevel: 'error' };
  const { lhr } = await lighthouse(app(path), flags, undefined, page);
  assert.equal(lhr.runtimeError, undefined, lhr.runtimeError?.message);
  assert.equal(lhr.finalDisplayedUrl, app(path));
  return lhr;
}

// What an audit found that is not as it should be.
function faults(lhr, category) {
  const audits = lhr.categories[category].auditRefs.filter(({ weight }) => weight > 0);
  const found = audits.map(({ id }) => lhr.audits[id]).filter(({ score }) => score !== null && score < 1);
  return found.map(({ id, title, displayValue }) => `${id}: ${title} ${displayValue ?? ''}`).join('\n');
}

const scored = (lhr, category) => Math.round(100 * lhr.categories[category].score);

async function holds(page, path, name) {
  for (let time = 1; ; time += 1) {
    const lhr = await see(page, path);
    const lacking = CATEGORIES.filter((category) => scored(lhr, category) < ENOUGH);
    if (lacking.length === 0) {
      const scores = CATEGORIES.map((category) => `${category} ${scored(lhr, category)}`);
      console.log(`  ok  ${name}: ${scores.join(', ')}`);
      return lhr;
    }
    for (const category of lacking) {
      const found = `${name}: ${category} is ${scored(lhr, category)}\n${faults(lhr, category)}`;
      assert.ok(time < TIMES, found);
    }
  }
}

await withBrowser(async (browser) => {
  const page = await browser.newPage();
  const home = await holds(page, '', 'home');
  const bytes = home.audits['total-byte-weight'].numericValue;
  assert.ok(bytes > 0 && bytes < FIRST_PAGE, `home brings ${bytes} bytes`);
  console.log(`  ok  home brings ${Math.ceil(bytes / 1000)} KB`);

  await signIn(page);
  await holds(page, 'orders', 'orders');
});
