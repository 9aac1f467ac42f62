// A run with more rows than a page has as text: they are found, opened and linked to all the same.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { axe, close as closeBrowser, open } from './browser.mjs';
import { check, finish } from './checks.mjs';
import { HOSTILE } from './hostile.mjs';

const [path, hostile] = process.argv.slice(2);
const json = JSON.parse(readFileSync(path.replace(/html$/, 'json'), 'utf8'));
const listed = { tests: json.tests.failures, findings: json.findings.list, files: json.coverage.files };

/** Waits until every packed row is unpacked. */
const unpacked = (page) => page.waitForFunction(() => document.querySelectorAll('template[data-packed]').length === 0);
const shown = (page, id) => page.locator(`#${id} [data-entry]:visible, #${id} [data-rows] > :visible`);

const { page, wrong, close } = await open(path);
await unpacked(page);
for (const [id, what, rows, mark] of [
  ['tests', 'Filter tests', listed.tests, 'name'],
  ['findings', 'Filter findings', listed.findings, 'message'],
  ['coverage', 'Filter files', listed.files, 'path'],
]) {
  const last = rows.at(-1);
  const input = page.getByLabel(what);
  await input.fill(last[mark]);
  const status = (await page.locator(`#${id} [role=status]`).innerText()).trim();
  const [hits] = status.split(' ').map(Number);
  const visible = await shown(page, id).allTextContents();
  check(hits > 0 && visible.length > 0, `${id}: the last of ${rows.length} rows is found: ${status}`);
  check(visible.some((text) => text.includes(last[mark])), `${id}: it is shown`);
  check(decodeURIComponent(page.url()).endsWith(`#${id}?q=${last[mark].trim()}`), `${id}: the filter stands in the address: ${page.url()}`);
  await input.fill('no row has these words');
  check((await page.locator(`#${id} [role=status]`).innerText()).startsWith('0 of '), `${id}: what is nowhere is not found`);
  check((await shown(page, id).count()) === 0, `${id}: nothing is shown then`);
  await input.fill('');
  const more = page.locator(`#${id} .more-rows`);
  check(await more.isVisible(), `${id}: there is more to show`);
  const before = await shown(page, id).count();
  await more.click();
  check((await shown(page, id).count()) > before, `${id}: more is shown`);
}
const high = listed.findings.filter((f) => f.severity === 'high').length;
check(high > 0, 'there are high findings');
check(wrong.length === 0, wrong.join('; '));
const found = await axe(page);
check(found.length === 0, `with rows unpacked axe finds ${found.join('; ')}`);
await close();

// A link with a filter, and a link to a row that is still packed when the page opens.
const name = listed.tests.at(-1).name;
const filtered = await open(path);
await filtered.page.goto(`${pathToFileURL(path).href}#tests?q=${encodeURIComponent(name)}`);
await filtered.page.reload();
await unpacked(filtered.page);
check((await filtered.page.getByLabel('Filter tests').inputValue()) === name, 'a link brings its filter');
check((await shown(filtered.page, 'tests').allTextContents()).some((text) => text.includes(name)), 'and shows what it finds');
const id = await filtered.page.locator('#tests [data-rows] > li').first().getAttribute('id');
await filtered.close();
const linked = await open(path);
check((await linked.page.locator(`#${id}`).count()) === 0, 'the row is packed');
await linked.page.goto(`${pathToFileURL(path).href}#${id}`);
await linked.page.reload();
await unpacked(linked.page);
check(await linked.page.locator(`#${id} > details[open]`).isVisible(), 'a link leads to a packed row and opens it');
await linked.page.getByLabel('Filter tests').fill('no row has these words');
check((await shown(linked.page, 'tests').count()) === 0, 'a filter hides the row that a link had led to');
check(linked.wrong.length === 0, linked.wrong.join('; '));
await linked.close();

// Hostile text in packed rows is text.
const evil = await open(hostile);
await unpacked(evil.page);
for (const [part, what] of [['tests', 'Filter tests'], ['findings', 'Filter findings'], ['coverage', 'Filter files']]) {
  await evil.page.getByLabel(what).fill('onerror="document');
  const rows = evil.page.locator(`#${part} [data-rows] > *`);
  check((await rows.count()) === 1, `${part}: the hostile row is found`);
  check(((await rows.first().textContent()) ?? '').includes(HOSTILE), `${part}: all of it is shown as text`);
}
check((await evil.page.locator('img, body > script:not(:last-of-type)').count()) === 0, 'it makes no element');
check((await evil.page.title()).includes('Shipworthy'), 'and runs nothing');
check(evil.wrong.length === 0, evil.wrong.join('; '));
await evil.close();

// The sheets beside the page hold what it has only packed, for everybody.
const folder = join(dirname(path), 'report-rows');
const sheets = readdirSync(folder);
check(['tests-1.html', 'findings-1.html', 'files-1.html'].every((name) => sheets.includes(name)), `sheets: ${sheets.join(', ')}`);
for (const name of ['tests-1.html', 'findings-1.html', 'files-1.html']) {
  for (const colorScheme of ['light', 'dark']) {
    const sheet = await open(join(folder, name), { colorScheme, javaScriptEnabled: true });
    const violations = await axe(sheet.page);
    check(violations.length === 0, `${name}, ${colorScheme}: axe finds ${violations.join('; ')}`);
    check(sheet.wrong.length === 0, `${name}: ${sheet.wrong.join('; ')}`);
    const overflow = await sheet.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    check(overflow <= 0, `${name} is ${overflow} px too wide`);
    await sheet.page.getByRole('link', { name: 'Back to the report' }).first().click();
    check((await sheet.page.locator('h1').count()) === 1 && sheet.page.url().includes('report.html#'), `${name} leads back`);
    await sheet.close();
  }
}

const plain = await open(path, { javaScriptEnabled: false });
const text = (await plain.page.locator('body').textContent()) ?? '';
check(text.includes('With JavaScript the filter looks through them as well'), 'without JavaScript the page says what is not there');
check(text.includes(listed.tests[0].name), 'and shows the first rows');
await plain.page.locator('#findings a[href="report-rows/findings-1.html"]').click();
check((await plain.page.locator('h1').innerText()).includes('findings'), 'and leads to the others');
await plain.close();
await closeBrowser();
finish(`over ${Object.values(listed).map((rows) => rows.length).join(', ')} rows`);
