// The filter of a list. The first rows stand in the page; the others are unpacked while nobody waits for them, and built
// when they are looked at.

const STEP = 200;

/** What the browser does when it has nothing else to do. */
const idle = () => new Promise((done) => (globalThis.requestIdleCallback ?? setTimeout)(done));

/** @param {Element} block */
const unpack = async (block) => {
  const text = block instanceof HTMLTemplateElement ? block.content.textContent ?? "" : "";
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
};

/**
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} text what the filter looks through, in lower case
 * @property {HTMLElement} [standing] a row that is in the page
 * @property {() => HTMLElement} build
 */

class List {
  /** @param {HTMLElement} part */
  constructor(part) {
    this.part = part;
    this.kind = part.dataset.filter ?? "";
    /** @type {Entry[]} */
    this.entries = [...part.querySelectorAll("[data-entry]")].map((node) => this.standing(/** @type {HTMLElement} */ (node)));
    this.blocks = [...part.querySelectorAll("template[data-packed]")];
    this.rows = part.querySelector("[data-rows]");
    this.limit = 0;
    /** @type {Entry | undefined} */
    this.asked = undefined;
    this.ready = this.blocks.length === 0;
    const label = `Filter ${this.kind}`;
    this.input = /** @type {HTMLInputElement} */ (make("input", { type: "search", placeholder: label, "aria-label": label }));
    this.told = make("span", { class: "quiet", role: "status" });
    this.more = make("button", { type: "button", class: "more-rows", hidden: "" });
    this.addTools();
  }

  /** @param {HTMLElement} node @returns {Entry} */
  standing(node) {
    /** @type {string | undefined} */
    let text;
    return {
      id: node.id,
      get text() {
        text ??= `${node.dataset.entry} ${node.textContent}`.toLowerCase();
        return text;
      },
      standing: node,
      build: () => node,
    };
  }

  /** @param {string} anchor @param {any} row @param {string} address @returns {Entry} */
  packed(anchor, row, address) {
    const { node, marks } = kinds[this.kind];
    const told = [names.categories[row.category]?.text ?? "", names.evidence[row.evidence]?.text ?? ""];
    const text = `${marks(row)} ${textOf(row)} ${told.join(" ")}`.toLowerCase();
    /** @type {HTMLElement | undefined} */
    let built;
    return { id: anchor, text, build: () => (built ??= node(anchor, row, address)) };
  }

  addTools() {
    this.input.addEventListener("input", () => {
      this.asked = undefined;
      this.limit = 0;
      this.show();
      this.remember();
    });
    this.more.addEventListener("click", () => {
      this.limit += STEP;
      this.show();
    });
    const tools = make("div", { class: "tools" }, this.input);
    const folded = /** @type {NodeListOf<HTMLDetailsElement>} */ (this.part.querySelectorAll(".entry > details"));
    if (folded.length) tools.append(unfolder(folded));
    tools.append(this.told);
    this.part.querySelector("h2")?.after(tools);
    this.part.querySelector("[data-more]")?.replaceWith(this.more);
  }

  /** Reads all blocks, one between two frames. */
  async read() {
    for (const block of this.blocks) {
      await idle();
      for (const [anchor, row, address] of await unpack(block)) this.entries.push(this.packed(anchor, row, address));
      block.remove();
    }
    this.ready = true;
    this.show();
  }

  /** @param {string} query */
  find(query) {
    this.input.value = query;
    this.asked = undefined;
    this.limit = 0;
    this.show();
  }

  /** The filter stands in the address, so that a link shows the same. */
  remember() {
    const query = this.input.value.trim();
    history.replaceState(null, "", `#${this.part.id}${query ? `?q=${encodeURIComponent(query)}` : ""}`);
  }

  show() {
    const words = this.input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const limit = words.length ? Math.max(this.limit, STEP) : this.limit;
    let hits = 0;
    let hidden = 0;
    const built = this.asked ? [this.asked.build()] : [];
    for (const entry of this.entries) {
      const hit = words.every((word) => entry.text.includes(word));
      if (entry.standing) entry.standing.hidden = !hit;
      else if (hit && built.length < limit && entry !== this.asked) built.push(entry.build());
      else if (hit && entry !== this.asked) hidden += 1;
      if (hit) hits += 1;
    }
    if (this.rows instanceof HTMLElement) {
      this.rows.replaceChildren(...built);
      this.rows.hidden = built.length === 0;
    }
    this.more.hidden = hidden === 0;
    this.more.textContent = `Show ${Math.min(STEP, hidden)} more of ${hidden}`;
    const count = this.entries.length;
    const further = built.length ? `${built.length} more shown` : "";
    this.told.textContent = words.length ? `${hits} of ${count}${this.ready ? "" : " so far"}` : further;
  }

  /** Puts a row that is not in the page there; answers nothing where this list has no such row. @param {string} id */
  reveal(id) {
    const asked = this.entries.find((entry) => entry.id === id && !entry.standing);
    if (!asked) return null;
    this.asked = asked;
    this.show();
    return asked.build();
  }
}

/** A button that opens all entries, or closes them. @param {NodeListOf<HTMLDetailsElement>} folded */
const unfolder = (folded) => {
  const button = make("button", { type: "button" }, "Expand all");
  button.addEventListener("click", () => {
    const open = button.textContent === "Expand all";
    folded.forEach((details) => { details.open = open; });
    button.textContent = open ? "Collapse all" : "Expand all";
  });
  return button;
};
