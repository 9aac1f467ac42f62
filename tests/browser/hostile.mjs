// Puts text that tries to be more than text into rows that are packed: node hostile.mjs FROM TO.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export const HOSTILE = '<img src=x onerror="document.title=\'broken\'"></li></template><script>document.title=1</script> ]]> ${7*7}';

if (process.argv[1].endsWith('hostile.mjs')) {
  const [from, to] = process.argv.slice(2);
  const report = JSON.parse(readFileSync(from, 'utf8'));
  for (const row of [report.tests.failures.at(-1), report.findings.list.at(-1), report.coverage.files.at(-1)]) {
    for (const [key, value] of Object.entries(row)) {
      if (typeof value === 'string' && !['category', 'evidence', 'status', 'severity', 'rule', 'tool'].includes(key)) row[key] = HOSTILE;
    }
  }
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, JSON.stringify(report));
}
