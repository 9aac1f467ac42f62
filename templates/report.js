// Comforts for long reports: a filter, expand and collapse, copy. The page says everything without them.
"use strict";

const make = (tag, text, attributes = {}) => {
  const node = document.createElement(tag);
  node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};

const addTools = (part) => {
  const entries = [...part.querySelectorAll("[data-entry]")];
  if (entries.length < 2) return;
  const what = part.dataset.filter;
  const tools = make("div", "", { class: "tools" });
  const input = make("input", "", { type: "search", placeholder: `Filter ${what}`, "aria-label": `Filter ${what}` });
  const told = make("span", "", { class: "quiet", role: "status" });
  let texts;
  input.addEventListener("input", () => {
    texts ??= entries.map((entry) => entry.textContent.toLowerCase());
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    entries.forEach((entry, at) => {
      const hit = words.every((word) => texts[at].includes(word));
      entry.hidden = !hit;
      shown += hit ? 1 : 0;
    });
    told.textContent = words.length ? `${shown} of ${entries.length}` : "";
  });
  tools.append(input);
  const folded = part.querySelectorAll(".entry > details");
  if (folded.length) {
    const button = make("button", "Expand all", { type: "button" });
    button.addEventListener("click", () => {
      const open = button.textContent === "Expand all";
      folded.forEach((details) => { details.open = open; });
      button.textContent = open ? "Collapse all" : "Expand all";
    });
    tools.append(button);
  }
  tools.append(told);
  part.querySelector("h2").after(tools);
};

const addCopy = (pre) => {
  if (pre.parentNode.className === "holder") return;
  const holder = make("div", "", { class: "holder" });
  const button = make("button", "Copy", { type: "button", class: "copy" });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(pre);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  pre.replaceWith(holder);
  holder.append(pre, button);
};

// A link into a closed block opens it on the way.
const openTarget = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  for (let node = target; node; node = node.parentElement) {
    if (node.tagName === "DETAILS") node.open = true;
  }
  if (target) target.scrollIntoView();
};

document.querySelectorAll("[data-filter]").forEach(addTools);
document.addEventListener("toggle", (event) => {
  if (event.target.open) event.target.querySelectorAll("pre:not(.source)").forEach(addCopy);
}, true);
addEventListener("hashchange", openTarget);
openTarget();
