// The index of a site, as everybody opens it.
import { axe, close as closeBrowser, open } from './browser.mjs';
import { check, finish } from './checks.mjs';

const [path] = process.argv.slice(2);
for (const colorScheme of ['light', 'dark']) {
  const { page, wrong, close } = await open(path, { colorScheme });
  const found = await axe(page);
  check(found.length === 0, `${colorScheme}: axe finds ${found.join('; ')}`);
  check(wrong.length === 0, `${colorScheme}: ${wrong.join('; ')}`);
  await close();
}
for (const width of [320, 3840]) {
  const { page, close } = await open(path, { viewport: { width, height: 800 } });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(overflow <= 0, `the index is ${overflow} px wider than a window of ${width} px`);
  await close();
}
const { page, close } = await open(path);
const links = await page.locator('a[href$="report.html"]').count();
check(links > 1, `the index leads to ${links} reports`);
await page.locator('a[href$="report.html"]').first().click();
check((await page.title()).includes('Shipworthy'), 'a link leads to a report');
await close();
await closeBrowser();
finish('over the index of a site');
