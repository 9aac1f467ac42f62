// Real reports in a real browser: nothing is fetched, nothing breaks the policy, everybody can read them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const reports = process.argv.slice(2);
const shots = process.env.SCREENSHOTS;
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
let checks = 0;
const check = (condition, what) => {
  checks += 1;
  assert.ok(condition, what);
};

/** Opens a report and fails on any request, console error or violation of the page's own policy. */
async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith('file:') && !url.startsWith('data:')) wrong.push(`request to ${url}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  await page.goto(pathToFileURL(path).href);
  return { page, wrong, close: () => context.close() };
}

for (const path of reports) {
  const json = JSON.parse(readFileSync(path.replace(/html$/, 'json'), 'utf8'));
  const verdict = json.decision.verdict;

  for (const colorScheme of ['light', 'dark']) {
    const { page, wrong, close } = await open(path, { colorScheme });
    check((await page.title()).toLowerCase().includes(verdict), `${path}: the title says ${verdict}`);
    check((await page.locator('h1').count()) === 1, `${path}: one main heading`);
    await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
    await page.evaluate(axeSource);
    const result = await page.evaluate(() => globalThis.axe.run());
    const found = result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`);
    check(found.length === 0, `${path}, ${colorScheme}: axe finds ${found.join('; ')}`);
    check(wrong.length === 0, `${path}, ${colorScheme}: ${wrong.join('; ')}`);
    await close();
  }

  for (const width of [320, 768, 2560]) {
    const { page, close } = await open(path, { viewport: { width, height: 800 } });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    check(overflow <= 0, `${path}: the page is ${overflow} px wider than a window of ${width} px`);
    await close();
  }

  const plain = await open(path, { javaScriptEnabled: false });
  const text = await plain.page.locator('body').innerText();
  check(text.toLowerCase().includes(verdict), `${path}: the verdict is there without JavaScript`);
  const source = await plain.page.content();
  for (const failure of (json.tests?.failures ?? []).slice(0, 50)) {
    const first = failure.name.split(/[<>&"']/)[0];
    check(source.includes(first), `${path}: ${failure.name} is there without JavaScript`);
  }
  for (const item of json.evidence.filter((e) => e.state !== 'ignored')) {
    check(source.includes(item.path), `${path}: ${item.path} is in the evidence`);
  }
  if (json.decision.override) {
    const top = (await plain.page.locator('header').innerText()).trim();
    check(top.startsWith(`Forced deploy by ${json.decision.override.actor}`), `${path}: the forced deploy stands first`);
  }
  for (const waiver of json.waivers ?? []) {
    check(text.includes(waiver.state) && text.includes(waiver.reason), `${path}: ${waiver.id} is ${waiver.state} in words`);
  }
  if (json.history) {
    const runs = await plain.page.locator('#history tbody time').evaluateAll((all) => all.map((time) => time.dateTime));
    check(runs.join() === [...json.history, json].map((run) => run.timestamp).reverse().join(), `${path}: every run, the newest first`);
    const scored = json.history.filter((run) => run.score).length + 1;
    check((await plain.page.locator('.course').first().locator('.dot').count()) === scored, `${path}: a dot for every score`);
  }
  for (const row of json.contract ?? []) {
    check(text.includes(`${row.found} of ${row.wanted}`), `${path}: how much of ${row.name} was found`);
  }
  check(!(json.identities?.tests ?? []).some((group) => group.digests && source.includes(group.digests)),
    `${path}: the digests for machines are not in the page`);
  await plain.close();

  const print = await open(path);
  check((await print.page.pdf({ format: 'A4' })).length > 10_000, `${path}: it prints`);
  await print.close();

  const keyboard = await open(path);
  await keyboard.page.keyboard.press('Tab');
  const first = await keyboard.page.evaluate(() => document.activeElement?.getAttribute('href'));
  check(first?.startsWith('#'), `${path}: the first stop of the keyboard skips to the content, not to ${first}`);
  await keyboard.close();
}

if (shots) {
  const red = reports[0];
  for (const [name, options, fullPage] of [
    ['report-red', { viewport: { width: 1280, height: 1000 } }, false],
    ['report-red-dark', { viewport: { width: 1280, height: 1000 }, colorScheme: 'dark' }, false],
    ['report-red-phone', { viewport: { width: 360, height: 780 }, deviceScaleFactor: 2 }, false],
  ]) {
    const { page, close } = await open(red, options);
    await page.screenshot({ path: `${shots}/${name}.png`, fullPage });
    await close();
  }
  const { page, close } = await open(reports[1], { viewport: { width: 1280, height: 1000 } });
  await page.screenshot({ path: `${shots}/report-green.png` });
  await close();
}
await browser.close();
console.log(`${checks} checks over ${reports.length} reports: all hold`);
