// Dialogs: those that came open; and what could not be done.

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

// The way back from a dialog that came into its page is to close it.
document.addEventListener("click", (event) => {
  const link = event.target.closest("dialog:modal [data-close]");
  if (!link || new URL(link.closest("form").action).pathname === location.pathname) return;
  event.preventDefault();
  link.closest("dialog").close();
});

document.addEventListener("htmx:afterSwap", (event) => showOpen(event.target));
showOpen(document);

// What could not be done is said above what was asked for, which stays as it was typed;
// what asks by itself is silent, but in a dialog. Of answers only our refusals come into the page.
function fail({ detail: { xhr, requestConfig } }) {
  const dialog = requestConfig.elt.closest("dialog[open]")?.querySelector(".body");
  if (!dialog && !requestConfig.triggeringEvent) return false;
  const place = dialog ?? document.getElementById("messages");
  const said = xhr.getResponseHeader("X-Refused") ? xhr.responseText : document.getElementById("outage").innerHTML;
  place.querySelector(":scope > [role=alert]")?.remove();
  place.insertAdjacentHTML("afterbegin", said);
  place.querySelector(".notice").focus();
  return true;
}

// A refusal that does not bring the form along takes no form's place.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.getResponseHeader("X-Refused")) event.detail.shouldSwap &&= !fail(event);
});

document.addEventListener("htmx:responseError", fail);
document.addEventListener("htmx:sendError", fail);
