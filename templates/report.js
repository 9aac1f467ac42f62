// Comforts for long reports: filters, links into what is closed, copy. The page says everything that matters without them.

/** @param {HTMLPreElement} pre */
const addCopy = (pre) => {
  if (pre.parentElement?.className === "holder") return;
  const holder = make("div", { class: "holder" });
  const button = copyButton(pre);
  pre.replaceWith(holder);
  holder.append(pre, button);
};

/** @param {HTMLElement} source */
const copyButton = (source) => {
  const button = make("button", { type: "button", class: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent ?? "");
      button.textContent = "Copied";
    } catch {
      getSelection()?.selectAllChildren(source);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return button;
};

const lists = [...document.querySelectorAll("[data-filter]")]
  .filter((part) => part.querySelectorAll("[data-entry]").length > 1)
  .map((part) => new List(/** @type {HTMLElement} */ (part)));

let touched = false;
for (const kind of ["wheel", "touchstart", "keydown", "pointerdown"]) addEventListener(kind, () => { touched = true; }, { passive: true });

/**
 * Rows far away have a guessed height until they come near, so that a place moves while one goes there: it is gone to
 * again, frame by frame, unless somebody has taken the page in hand.
 * @param {Element} target
 */
const goTo = async (target) => {
  touched = false;
  for (let frame = 0; frame < 20 && !touched; frame += 1) {
    target.scrollIntoView({ behavior: "instant" });
    await new Promise(requestAnimationFrame);
  }
};

/** Goes where the address leads: to a list with its filter, into what is closed, to a row that is still packed. */
const follow = () => {
  const [id, query] = location.hash.slice(1).split("?");
  if (!id) return;
  const list = lists.find((list) => list.part.id === id);
  if (list && query !== undefined) list.find(new URLSearchParams(query).get("q") ?? "");
  let target = document.getElementById(id);
  for (const list of lists) target ??= list.reveal(id);
  for (let node = target; node; node = node.parentElement) {
    if (node instanceof HTMLDetailsElement) node.open = true;
  }
  const inner = target?.querySelector(":scope > details");
  if (inner instanceof HTMLDetailsElement) inner.open = true;
  if (target) goTo(target);
};

const readRest = async () => {
  const block = document.getElementById("names");
  if (!block || !("DecompressionStream" in globalThis)) return;
  names = await unpack(block);
  await Promise.all(lists.map((list) => list.read()));
  if (!touched) follow();
};

// A link that names what to look for filters the list that it leads to.
for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-find]"))) {
  link.href = `${link.getAttribute("href")}?q=${encodeURIComponent(link.dataset.find ?? "")}`;
}
// A command is copied with one touch.
for (const code of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".failure li code"))) {
  if (code.textContent?.includes(" ")) code.after(" ", copyButton(code));
}
document.addEventListener("toggle", (event) => {
  const details = event.target;
  if (!(details instanceof HTMLDetailsElement) || !details.open) return;
  const blocks = /** @type {NodeListOf<HTMLPreElement>} */ (details.querySelectorAll("pre:not(.source)"));
  blocks.forEach(addCopy);
}, true);
addEventListener("hashchange", follow);
follow();
addEventListener("load", readRest);
