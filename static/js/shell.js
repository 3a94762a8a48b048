// What the shell has: the search of the organization, and word of what a swap brought.

// / goes to the search, arrows walk through what is found, Escape closes it.
const field = document.getElementById("q");
const found = document.getElementById("found");

function hits() {
  return [...found.querySelectorAll("a")];
}

function close() {
  found.replaceChildren();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && field && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});

field?.form.addEventListener("keydown", (event) => {
  const rows = [field, ...hits()];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && rows.length > 1) {
    event.preventDefault();
    rows.at((rows.indexOf(document.activeElement) + step) % rows.length).focus();
  } else if (event.key === "Escape" && rows.length > 1) {
    event.preventDefault();
    field.focus();
    close();
  }
});

field?.addEventListener("input", () => {
  if (!field.value.trim()) close();
});

// After a swap, what its section has to say is said to whoever does not see it appear:
// focus goes there, or the words go to the place that screen readers listen to.
const TAKING = "[role=alert][tabindex], [data-focus], [aria-invalid=true]";

function arrive({ target }) {
  const root = target.closest("section") ?? target;
  const see = (what) => [...root.querySelectorAll(what)].find((found) => found.checkVisibility());
  // A whole page has come: what its last change says is where the reader goes on.
  const said = root.id === "main" ? see("#messages .notice") : null;
  if (said) said.tabIndex = -1;
  const taking = see(TAKING) ?? said;
  taking?.focus();
  const words = taking ? "" : see("[role=status]")?.textContent.trim();
  if (words) document.getElementById("said").textContent = words.replace(/\s+/g, " ");
}

document.addEventListener("htmx:afterSwap", arrive);
document.addEventListener("htmx:oobAfterSwap", arrive);
