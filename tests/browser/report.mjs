// Real reports in a real browser: nothing is fetched, nothing breaks the policy, everybody can read them.
import { readFileSync } from 'node:fs';
import { axe, close as closeBrowser, open } from './browser.mjs';
import { check, finish, serve } from './checks.mjs';

const reports = process.argv.slice(2);
const shots = process.env.SCREENSHOTS;
/** The times that a load test gets a bar for. */
const DRAWN = ['p50', 'p75', 'p90', 'p95', 'p97.5', 'p99', 'p99.9', 'slowest'];

/** Every run of a load test: its numbers, its times beside the bars, what the test judged; a criterion leads to it. */
async function load(page, path, json) {
  const cards = page.locator('#load .card.load');
  check((await cards.count()) === (json.load ?? []).length, `${path}: a card for every load test`);
  for (const [place, run] of (json.load ?? []).entries()) {
    const text = await cards.nth(place).textContent();
    const drawn = (run.all.latency ?? []).filter((point) => DRAWN.includes(point.percentile));
    const told = [run.path, run.all.requests, run.all.failed, ...drawn.map((point) => point.value.display),
      ...run.thresholds?.map((t) => t.expression) ?? [], ...run.checks?.map((c) => `${c.passed} of ${c.passed + c.failed} passed`) ?? []];
    for (const part of told.filter((part) => part !== undefined)) {
      check(text.includes(String(part)), `${path}: ${run.path} tells ${part} without JavaScript`);
    }
    const [rows, bars] = [cards.nth(place).locator('.times tbody tr'), cards.nth(place).locator('.times svg')];
    check((await rows.count()) === drawn.length && (await rows.count()) === (await bars.count()),
      `${path}: ${run.path} has a bar for every time`);
    const crossed = run.thresholds?.filter((t) => t.judgement === 'crossed').length ?? 0;
    check(!crossed || text.includes(`${crossed} crossed`), `${path}: ${run.path} says that ${crossed} thresholds were crossed`);
  }
  const judged = json.decision.categories.flatMap((c) => c.criteria ?? []).filter((c) => c.measure?.startsWith('load.') && c.value);
  if (judged.length && json.load) {
    const link = page.locator('#categories a[href="#load"]').first();
    await link.evaluate((a) => { for (let d = a.closest('details'); d; d = d.parentElement.closest('details')) d.open = true; });
    await link.click();
    check(await page.locator('#load-title').isVisible() && page.url().endsWith('#load'), `${path}: a criterion leads to the load tests`);
  }
}

/** All that holds of every report. */
async function examine(path) {
  const json = JSON.parse(readFileSync(path.replace(/html$/, 'json'), 'utf8'));
  const verdict = json.decision.verdict;

  for (const colorScheme of ['light', 'dark']) {
    const { page, wrong, close } = await open(path, { colorScheme });
    check((await page.title()).toLowerCase().includes(verdict), `${path}: the title says ${verdict}`);
    check((await page.locator('h1').count()) === 1, `${path}: one main heading`);
    await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
    const found = await axe(page);
    check(found.length === 0, `${path}, ${colorScheme}: axe finds ${found.join('; ')}`);
    check(wrong.length === 0, `${path}, ${colorScheme}: ${wrong.join('; ')}`);
    await close();
  }

  for (const width of [320, 768, 3840]) {
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
  await load(plain.page, path, json);
  check(!(json.identities?.tests ?? []).some((group) => group.digests && source.includes(group.digests)),
    `${path}: the digests for machines are not in the page`);
  await plain.close();

  const print = await open(path);
  check((await print.page.pdf({ format: 'A4' })).length > 10_000, `${path}: it prints`);
  await print.close();

  // A server of build results may forbid scripts and styles in the page, as Jenkins does: what it says is there all the same.
  const jenkins = await serve(path, { 'content-security-policy': "sandbox; default-src 'none'; img-src 'self'; style-src 'self';" });
  const bare = await open(jenkins.url);
  const said = (await bare.page.locator('body').innerText()).toLowerCase();
  check(said.includes(verdict) && json.decision.categories.every((c) => said.includes(c.title.toLowerCase())),
    `${path}: verdict and categories are there under a policy that forbids everything`);
  await bare.close();
  jenkins.close();

  const keyboard = await open(path);
  await keyboard.page.keyboard.press('Tab');
  const first = await keyboard.page.evaluate(() => document.activeElement?.getAttribute('href'));
  check(first?.startsWith('#'), `${path}: the first stop of the keyboard skips to the content, not to ${first}`);
  const closed = keyboard.page.locator('details:not([open]) > summary').first();
  if (await closed.count()) {
    const details = await closed.locator('..').elementHandle();
    await closed.focus();
    await keyboard.page.keyboard.press('Enter');
    check(await details.evaluate((d) => d.open), `${path}: Enter opens what is closed`);
  }
  await keyboard.close();
}

// Two at a time: the pages are processes of their own.
const waiting = [...reports];
const examiner = async () => {
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) await examine(path);
};
await Promise.all([examiner(), examiner()]);

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
  const paper = await open(red, { viewport: { width: 794, height: 1123 } });
  await paper.page.emulateMedia({ media: 'print' });
  await paper.page.screenshot({ path: `${shots}/report-red-print.png` });
  await paper.close();
  const { page, close } = await open(reports[1], { viewport: { width: 1280, height: 1000 } });
  await page.screenshot({ path: `${shots}/report-green.png` });
  await close();
}
await closeBrowser();
finish(`over ${reports.length} reports`);
