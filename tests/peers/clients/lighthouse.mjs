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

// How many bytes the first page may bring, and all that it needs.
const FIRST_PAGE = 60_000;

// Sees a page as a stranger does, whose browser has nothing of it yet, but for
// the cookies.
async function see(page, path) {
  const flags = { onlyCategories: CATEGORIES, disableStorageReset: true, logLevel: 'error' };
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

function holds(lhr, name) {
  const scores = CATEGORIES.map((category) => {
    const score = Math.round(100 * lhr.categories[category].score);
    assert.ok(score >= ENOUGH, `${name}: ${category} is ${score}\n${faults(lhr, category)}`);
    return `${category} ${score}`;
  });
  console.log(`  ok  ${name}: ${scores.join(', ')}`);
}

await withBrowser(async (browser) => {
  const page = await browser.newPage();
  const home = await see(page, '');
  holds(home, 'home');
  const bytes = home.audits['total-byte-weight'].numericValue;
  assert.ok(bytes > 0 && bytes < FIRST_PAGE, `home brings ${bytes} bytes`);
  console.log(`  ok  home brings ${Math.ceil(bytes / 1000)} KB`);

  await signIn(page);
  holds(await see(page, 'orders'), 'orders');
});
