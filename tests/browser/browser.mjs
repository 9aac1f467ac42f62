// The browser, and pages that fail on any request, error or violation of their own policy.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { CHROMIUM, FLAGS } from './checks.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

/** Closes the browser. */
export const close = () => browser.close();

/** Opens a file, or an address of this machine, and collects what must not happen. */
export async function open(place, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const url = place.startsWith('http://127.0.0.1') ? place : pathToFileURL(place).href;
  const wrong = [];
  page.on('request', (request) => {
    const asked = request.url();
    if (asked !== url.split('#')[0] && !asked.startsWith('data:')) wrong.push(`request to ${asked}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  await page.goto(url);
  return { page, wrong, close: () => context.close() };
}

/** What axe finds on a page as it stands. */
export async function axe(page) {
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => globalThis.axe.run());
  return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`);
}
