// Dialogs: those that came open with a page or part, and browsers without commandfor.

// One that came open keeps the keyboard inside, like one that a button opened. Asked for in a
// menu, which closes with it, it gives the focus back to the menu's button.
function showOpen(root) {
  const menu = document.activeElement.closest("[popover]");
  for (const dialog of root.querySelectorAll("dialog[open]:not(:modal)")) {
    dialog.removeAttribute("open");
    // Closed, it gives focus back to where it was: to the button that opens it.
    document.querySelector(`[commandfor="${dialog.id}"]`)?.focus();
    dialog.showModal();
    dialog.querySelector("[aria-invalid=true]")?.focus();
    // Escape, and a click beside it, lead where its Close leads.
    dialog.addEventListener("cancel", () => dialog.querySelector("a[aria-label=Close]")?.click());
    if (menu) dialog.addEventListener("close", () => document.querySelector(`[popovertarget="${menu.id}"]`)?.focus());
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[commandfor]");
  if (!button || "command" in button) return;
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  if (button.getAttribute("command") === "show-modal") dialog.showModal();
  else dialog.close();
});

// The way back from a dialog that came into its page is to close it.
document.addEventListener("click", (event) => {
  const link = event.target.closest("dialog:modal [data-close]");
  if (!link || new URL(link.closest("form").action).pathname === location.pathname) return;
  event.preventDefault();
  link.closest("dialog").close();
});

document.addEventListener("htmx:afterSwap", (event) => showOpen(event.target));
showOpen(document);
