// Dialogs: those that came open, and browsers without commandfor.

// One that came open keeps the keyboard inside, like one that a button opened.
function showOpen(root) {
  for (const dialog of root.querySelectorAll("dialog[open]:not(:modal)")) {
    dialog.removeAttribute("open");
    // Closed, it gives focus back to where it was: to the button that opens it.
    document.querySelector(`[commandfor="${dialog.id}"]`)?.focus();
    dialog.showModal();
    dialog.querySelector("[aria-invalid=true]")?.focus();
    // Escape, and a click beside it, lead where its Close leads.
    dialog.addEventListener("cancel", () => dialog.querySelector("a[aria-label=Close]")?.click());
    if (root.id === "asked") dialog.addEventListener("close", giveBack);
  }
}

// One that was fetched gives focus back to what asked for it; from a menu, which has closed
// by then, to the menu's button.
let asking;

function giveBack() {
  const menu = asking?.closest("[popover]");
  (menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : asking)?.focus();
}

document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (!target.closest("dialog")) asking = target;
});

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
