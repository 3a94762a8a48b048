// What every page has: copy buttons, buttons that open dialogs, forms that are not sent twice.

function showCopyButtons() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const codes = button.closest(".snippet")?.querySelectorAll("code") ?? [];
  const code = [...codes].find((each) => each.checkVisibility())?.textContent;
  await navigator.clipboard.writeText(button.dataset.copy || code || "");
  const word = button.querySelector("span");
  const said = document.getElementById("said");
  word.textContent = said.textContent = "Copied";
  setTimeout(() => {
    word.textContent = "Copy";
    said.textContent = "";
  }, 2000);
});

// Browsers without commandfor.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[commandfor]");
  if (!button || "command" in button) return;
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  if (button.getAttribute("command") === "show-modal") dialog.showModal();
  else dialog.close();
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

// The back button brings a page back as it was left: its buttons work again, and a
// question that was answered since is asked anew, or not found.
window.addEventListener("pageshow", (event) => {
  rest(document);
  if (event.persisted && document.querySelector("dialog[open]")) location.reload();
});

document.addEventListener("htmx:afterSwap", showCopyButtons);
showCopyButtons();
