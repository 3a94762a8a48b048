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
