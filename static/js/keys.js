// Single keys for what every page offers, too: an element names its key in data-key. In the
// search field / leads from everywhere, see shell.js. Who does not want this switches it off.

const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const ROW = "main tbody tr:has(th[scope=row] a)";
let begun = "";

function use(key) {
  const named = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  const found = named.find((element) => element.checkVisibility()) ?? named[0];
  if (found?.matches("input, select")) found.focus();
  else found?.click();
  return Boolean(found);
}

function step(by) {
  const rows = [...document.querySelectorAll(ROW)];
  const here = rows.indexOf(document.activeElement?.closest(ROW));
  const next = rows.at(here < 0 ? (by > 0 ? 0 : -1) : Math.min(Math.max(here + by, 0), rows.length - 1));
  next?.querySelector("th[scope=row] a").focus();
  return Boolean(next);
}

function select() {
  const box = document.activeElement?.closest(ROW)?.querySelector("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

const ACTS = { j: () => step(1), k: () => step(-1), x: select };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest(TYPING)) return;
  if (document.querySelector("dialog[open], [popover].menu:popover-open")) return;
  const key = begun + event.key;
  begun = event.key === "g" && !begun ? "g " : "";
  if (begun) return;
  if (ACTS[key]?.() || use(key)) event.preventDefault();
});
