// The HTML report in a real browser. Run after a build; needs playwright-core and a Chromium.
//
// node build/browser-report.mjs [folder for screenshots]
// The browser is $CHROMIUM, or Debian's. Prints a line that begins with SKIPPED, and ends with status 0, where there is none.
// Looks at: no complaint, no request, no dialog whatever a driver says; filters, copying and unfolding by keyboard alone; dark,
// light, narrow and print.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const BROWSER = process.env.CHROMIUM ?? '/usr/bin/chromium';
const pictures = process.argv[2];

const playwright = await import('playwright-core').catch(() => null);
if (playwright === null || !existsSync(BROWSER)) {
  console.log(`SKIPPED the HTML report in a browser: ${playwright === null ? 'playwright-core is not installed' : `there is no ${BROWSER}`}`);
  process.exit(0);
}

const { htmlReport } = await import('../dist/reports/html.js');
const { PLAIN_NAMES } = await import('../dist/reports/event-text.js');
const { buildCheckResult } = await import('../dist/scenarios/check-result.js');
const { sampleClause, sampleFinding, sampleParts } = await import('../dist/scenarios/check-result.sample.js');

const HOSTILE = `</script><script>alert(1)</script><!-- <img src="x" onerror="alert(2)"> $& \u202e ${'long '.repeat(200_000)}`;
const result = buildCheckResult(
  sampleParts({
    findings: [
      sampleFinding({}),
      sampleFinding({ fingerprint: 'b', message: HOSTILE, consequenceOf: '5f0c2a11' }),
      sampleFinding({ fingerprint: 'c', message: `A word without end: ${'x'.repeat(3_000)}`, severity: 'warning' }),
    ],
    items: [sampleClause({}), sampleClause({ id: 'B', area: 'init', outcome: 'violated', requirement: HOSTILE }), sampleClause({ id: 'C', actor: 'device' })],
  }),
);

const folder = mkdtempSync(join(tmpdir(), 'ringproof-browser-'));
const file = join(folder, 'report.html');
writeFileSync(file, htmlReport(result, PLAIN_NAMES));
if (pictures !== undefined) mkdirSync(pictures, { recursive: true });

const browser = await playwright.chromium.launch({
  executablePath: BROWSER,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

/** Opens the report and runs `look` on it; whatever the page complains about, asks for or pops up fails. */
async function looking(name, options, look) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1400 }, ...options });
  const page = await context.newPage();
  const troubles = [];
  page.on('console', (message) => troubles.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => troubles.push(`error: ${error}`));
  page.on('request', (request) => request.url() === pathToFileURL(file).href || troubles.push(`request: ${request.url()}`));
  page.on('dialog', (dialog) => (troubles.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  await page.goto(pathToFileURL(file).href);
  await look(page, context);
  assert.deepEqual(troubles, [], name);
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) });
  await context.close();
  console.log(`passed  ${name}`);
}

/** Presses Tab until the focus is on what the selector names. */
async function tabTo(page, selector) {
  for (let press = 0; press < 100; press++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return;
  }
  assert.fail(`the keyboard never gets to ${selector}`);
}

const visibleRows = (page) => page.locator('tr[data-outcome]:visible').count();
const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

await looking('light', { colorScheme: 'light' }, async (page) => {
  assert.equal(await page.title(), 'Ringproof: violates – drivers/mine.mjs');
  assert.equal(await background(page), 'rgb(255, 255, 255)');
  assert.equal(await page.locator('svg.sequence').first().isVisible(), true);
  assert.equal(await visibleRows(page), 3);
});

await looking('dark', { colorScheme: 'dark' }, async (page) => {
  assert.equal(await background(page), 'rgb(13, 17, 23)');
});

await looking('narrow', { viewport: { width: 360, height: 800 } }, async (page) => {
  assert.ok((await overflow(page)) <= 0, 'the page is wider than a narrow screen');
});

await looking('keyboard', { permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
  await tabTo(page, 'button[data-copy="replay-1"]');
  await page.keyboard.press('Enter');
  await page.locator('button:has-text("Copied")').first().waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'npx ringproof replay .ringproof/split-slot-before-index-5f0c2a11.json');
  await tabTo(page, 'article summary');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.open), true);
  await tabTo(page, 'select[data-filter="area"]');
  await page.keyboard.press('End');
  assert.equal(await visibleRows(page), 1);
  assert.equal(await page.textContent('#shown'), '1 of 3 clauses shown');
});

await looking('text filter', {}, async (page) => {
  await tabTo(page, 'input[data-filter="text"]');
  await page.keyboard.type('STORE THE RING');
  assert.equal(await visibleRows(page), 2);
});

await looking('without script', { javaScriptEnabled: false }, async (page) => {
  assert.equal(await page.locator('.filters').isVisible(), false);
  assert.equal(await page.locator('tr[data-outcome]').count(), 3);
});

await looking('print', {}, async (page) => {
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.filters').isVisible(), false);
  const bytes = await page.pdf();
  assert.ok(bytes.length > 10_000);
  assert.equal(await page.evaluate(() => [...document.querySelectorAll('details')].every((details) => details.open)), true);
});

await browser.close();
rmSync(folder, { recursive: true });
console.log('the HTML report works in a browser');
