// Counts checks, serves files, and says where the browser is.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

export const CHROMIUM = '/usr/bin/chromium';
export const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

let checks = 0;
const failed = [];
/** Counts a check, and keeps what does not hold: the others are still made. */
export const check = (condition, what) => {
  checks += 1;
  if (!condition) failed.push(what);
};

// However the process ends, what did not hold is said.
process.on('exit', () => {
  for (const what of failed) console.error(`FAILED: ${what}`);
  if (failed.length > 0) process.exitCode = 1;
});

/** Ends the process and says how it went. */
export function finish(over) {
  console.log(`${checks} checks ${over}: ${failed.length === 0 ? 'all hold' : `${failed.length} do not hold`}`);
  process.exit();
}

/** Serves one file on this machine, below a folder as a Pages host does, with headers. */
export async function serve(path, headers = {}) {
  const content = readFileSync(path);
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers });
    response.end(content);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/runs/main/report.html`, close: () => server.close() };
}
