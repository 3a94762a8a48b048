// What could not be done is said above what was asked for, which stays as it was typed.

function fail({ target, detail: { xhr, requestConfig } }) {
  const dialog = target.closest("dialog[open]")?.querySelector(".body");
  // What asks by itself is silent, but in a dialog somebody waits for it.
  if (!dialog && !requestConfig.triggeringEvent) return false;
  const place = dialog ?? document.getElementById("messages");
  const said = xhr.status && xhr.status < 500 ? xhr.responseText : document.getElementById("outage").innerHTML;
  place.querySelector(":scope > [role=alert]")?.remove();
  place.insertAdjacentHTML("afterbegin", said);
  place.querySelector(".notice").focus();
  return true;
}

// A refusal that does not bring the form along takes no form's place.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.shouldSwap || !detail.xhr.getResponseHeader("X-Refused")) return;
  detail.shouldSwap = !fail({ target: detail.requestConfig.elt, detail });
});

document.addEventListener("htmx:responseError", fail);
document.addEventListener("htmx:sendError", fail);
