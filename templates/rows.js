"use strict";
// Rows that are not in the page as text, built like those of the templates from what report.json says of them. Text goes
// in as text and never as markup.

/**
 * @typedef {{ categories: Record<string, Link>, evidence: Record<string, Link> }} Names
 * @typedef {{ anchor: string, text: string }} Link
 * @typedef {{ covered: number, covered_high: number, total: number }} Tally
 */

/** @type {Names} */
let names = { categories: {}, evidence: {} };

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

/** A piece of text with a look. @param {string} className @param {unknown} text */
const words = (className, text) => make("span", { class: className }, String(text));

/** A part of a row, where the row has it. @param {unknown} there @param {() => Node} part */
const when = (there, part) => (there ? [part()] : []);

/** @param {Link | undefined} link @param {string} id */
const linked = (link, id) => (link ? make("a", { href: `#${link.anchor}` }, link.text) : id);

/** @param {string} id */
const category = (id) => linked(names.categories[id], id);

/** @param {string} id */
const evidence = (id) => linked(names.evidence[id], id);

/** @param {[string, unknown][]} pairs */
const facts = (pairs) => make("dl", { class: "facts" }, ...pairs.filter(([, value]) => value).map(([name, value]) =>
  make("div", {}, make("dt", {}, name), make("dd", {}, value instanceof Node ? value : String(value)))));

/** One decimal, cut and never rounded up, as everywhere. @param {number} value */
const tenths = (value) => (Math.floor(value * 10) / 10).toFixed(1);

/** @param {Tally} tally */
const percent = ({ covered, total }) => {
  if (!total) return "–";
  const cut = Math.floor((covered * 1000) / total);
  return cut === 1000 ? "100 %" : `${Math.floor(cut / 10)}.${cut % 10} %`;
};

/** @param {number} ms */
const duration = (ms) => {
  if (ms < 1e3) return `${ms} ms`;
  if (ms < 6e4) return `${tenths(ms / 1e3)} s`;
  if (ms < 36e5) return `${Math.floor(ms / 6e4)} min ${Math.floor((ms % 6e4) / 1e3)} s`;
  return `${Math.floor(ms / 36e5)} h ${Math.floor((ms % 36e5) / 6e4)} min`;
};

/** @param {number} bytes */
const size = (bytes) => {
  if (bytes < 1e3) return `${bytes} B`;
  return bytes < 1e6 ? `${tenths(bytes / 1e3)} kB` : `${tenths(bytes / 1e6)} MB`;
};

/** A place, which leads to its source where that has an address. @param {string} path @param {number} line @param {string} address */
const place = (path, line, address) => {
  const text = line ? `${path}:${line}` : path;
  return address ? make("a", { class: "place", href: address, rel: "noopener noreferrer" }, text) : words("place", text);
};

const SEVERITIES = ["critical", "high", "medium", "low"];

/** @param {string} name */
const severity = (name) => words(`severity severity-${SEVERITIES.includes(name) ? name : "info"}`, name);

/** @param {string} anchor @param {Node[]} summary @param {Node[]} inside */
const entryRow = (anchor, summary, inside) => make("li", { class: "entry", id: anchor },
  make("details", {}, make("summary", {}, ...summary), make("div", { class: "inside" }, ...inside)));

/** @param {string} anchor @param {any} row @param {string} address */
const testRow = (anchor, row, address) => entryRow(anchor, [
  words(`badge word is-${["failed", "error"].includes(row.status) ? "fail" : "none"}`, row.status),
  words("name", row.name),
  ...when(row.component, () => words("tag", row.component)),
  ...when(row.duration_ms !== undefined, () => words("time", duration(row.duration_ms))),
  ...when(row.message, () => words("message", row.message)),
], [
  facts([
    ["Category", category(row.category)], ["Suite", row.suite], ["Class", row.class],
    ["File", row.file && place(row.file, row.line, address)], ["Owner", row.owner], ["Kind", row.kind],
    ["Evidence", evidence(row.evidence)], ["Link", make("a", { href: `#${anchor}` }, "to this test")],
  ]),
  ...when(row.trace, () => make("pre", { tabindex: "0", "aria-label": "Trace" }, row.trace)),
  ...(row.more ?? []).map((/** @type {string} */ text) => make("pre", { class: "wrap" }, text)),
]);

/** @param {string} anchor @param {any} row @param {string} address */
const findingRow = (anchor, row, address) => entryRow(anchor, [
  severity(row.severity), words("name", row.rule),
  ...when(row.new, () => words("tag", "new")),
  words("tag", row.tool),
  ...when(row.path, () => place(row.path, row.line, address)),
  words("message", row.message),
], [facts([
  ["Category", category(row.category)], ["Level", `${row.level}, ${row.basis}`], ["Component", row.component],
  ["Owner", row.owner], ["Taken out by", row.waiver], ["Evidence", evidence(row.evidence)],
  ["Link", make("a", { href: `#${anchor}` }, "to this finding")],
])]);

/** @param {string} name @param {Record<string, string>} attributes @param {...Node} children */
const shape = (name, attributes, ...children) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

/** @param {Tally} tally */
const bar = ({ covered, total }) => {
  const filled = total ? Math.floor((covered * 100) / total) : 0;
  const look = filled >= 80 ? "pass" : filled >= 50 ? "warn" : "fail";
  return shape("svg", { class: `bar is-${look}`, viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
    shape("rect", { class: "track", width: "100", height: "6" }),
    shape("rect", { class: "fill", width: String(filled), height: "6" }));
};

/** @param {string} anchor @param {any} row @param {string} address */
const fileRow = (anchor, row, address) => make("tr", { id: anchor },
  make("th", { scope: "row" }, place(row.path, 0, address), ...when(row.owner, () => words("tag", row.owner))),
  make("td", { class: "covered" }, ...when(row.lines, () => bar(row.lines)),
    ...when(row.lines, () => make("span", { class: "figure" }, percent(row.lines), " ",
      words("quiet", `${row.lines.covered}/${row.lines.total}`)))),
  make("td", { class: "figure" }, row.branches ? percent(row.branches) : "–"),
  make("td", { class: "ranges" }, row.uncovered.join(", ") || "–"));

const HARMLESS = ["duplicate", "superseded", "unrecognised", "ignored"];

/** @param {string} anchor @param {any} row */
const evidenceRow = (anchor, row) => make("tr", { id: anchor },
  make("td", {}, words(`badge word is-${row.state === "ok" ? "pass" : HARMLESS.includes(row.state) ? "none" : "unknown"}`, row.state)),
  make("th", { scope: "row" }, words("place", row.path),
    ...when(row.cause, () => make("p", { class: "cause" }, row.cause)),
    ...row.diagnostics.map((/** @type {any} */ d) => make("p", { class: "quiet" }, `${d.severity}: ${d.message}`)),
    ...when(row.sha256, () => make("p", { class: "hash" }, `sha256:${row.sha256}`))),
  make("td", {}, row.format || "–", " ", words("quiet", row.kind),
    ...when(row.producer, () => make("p", { class: "quiet" }, row.producer)),
    ...when(row.summary, () => make("p", { class: "quiet" }, row.summary))),
  make("td", {}, row.category ? category(row.category) : "–"),
  make("td", { class: "figure" }, size(row.bytes)));

/**
 * How the rows of each list are built, and what a filter looks for in them beside their texts.
 * @type {Record<string, { node: (anchor: string, row: any, address: string) => HTMLElement, marks: (row: any) => string }>}
 */
const kinds = {
  tests: { node: testRow, marks: (row) => `category:${row.category} status:${row.status}` },
  findings: { node: findingRow, marks: (row) => `severity:${row.severity} tool:${row.tool} rule:${row.rule} category:${row.category}` },
  files: { node: fileRow, marks: () => "" },
  evidence: { node: evidenceRow, marks: (row) => `state:${row.state} category:${row.category} format:${row.format}` },
};

/** Every text of a row, for the filter. @param {any} value @returns {string} */
const textOf = (value) => (value !== null && typeof value === "object"
  ? Object.values(value).map(textOf).join(" ") : String(value));
