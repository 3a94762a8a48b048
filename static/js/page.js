// What every page has: copy buttons, forms that are not sent twice, focus after a swap.

function showCopyButtons() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const code = button.closest(".snippet")?.querySelector("code")?.textContent;
  await navigator.clipboard.writeText(button.dataset.copy || code || "");
  const word = button.querySelector("span");
  const said = document.getElementById("said");
  word.textContent = said.textContent = "Copied";
  setTimeout(() => {
    word.textContent = "Copy";
    said.textContent = "";
  }, 2000);
});

// Before htmx hears of it: a form that is on its way is not sent again.
document.addEventListener(
  "submit",
  (event) => {
    const button = event.submitter;
    if (event.target.method !== "post" || !button) return;
    if (button.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    button.setAttribute("aria-busy", "true");
  },
  true,
);

function rest(root) {
  for (const button of root.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

document.addEventListener("htmx:afterRequest", (event) => rest(event.target));

// The back button brings a page back as it was left: its buttons work again.
window.addEventListener("pageshow", () => rest(document));

// After a swap focus goes to what it has to say, for whoever does not see it appear.
function arrive(event) {
  const said = "[role=alert][tabindex], [data-focus]";
  showCopyButtons();
  (event.target.closest(said) ?? event.target.querySelector(said))?.focus();
}
document.addEventListener("htmx:afterSwap", arrive);
document.addEventListener("htmx:oobAfterSwap", arrive);

showCopyButtons();
