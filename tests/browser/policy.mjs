// Lays what a written policy, waivers, people and a baseline add over a real report: node policy.mjs FROM TO.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const [from, to] = process.argv.slice(2);
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Objects key by key, lists item by item; all else is replaced. */
function layOver(value, other) {
  if (typeof value !== 'object' || value === null || typeof other !== 'object' || other === null) return other;
  for (const [key, item] of Object.entries(other)) value[key] = layOver(value[key], item);
  return value;
}

mkdirSync(dirname(to), { recursive: true });
writeFileSync(to, JSON.stringify(layOver(read(from), read('policy.json'))));
