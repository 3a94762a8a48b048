// After a swap, what it has to say is said to whoever does not see it appear: focus goes
// there, or the words go to the place that screen readers listen to.
function arrive({ target }) {
  const find = (what) => target.closest(what) ?? target.querySelector(what);
  const taking = find("[role=alert][tabindex], [data-focus], [aria-invalid=true]");
  taking?.focus();
  const words = taking ? "" : find("[role=status]")?.textContent.trim();
  if (words) document.getElementById("said").textContent = words.replace(/\s+/g, " ");
}

document.addEventListener("htmx:afterSwap", arrive);
document.addEventListener("htmx:oobAfterSwap", arrive);
