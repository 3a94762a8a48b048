// The search of the organization: / goes there, arrows walk through what is found, Escape closes it.

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
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
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
