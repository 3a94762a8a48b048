// What every page has: copy buttons, and forms that are not sent twice.

function showCopyButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
}

function sayCopied(button) {
  const word = button.querySelector("span");
  word.textContent = "Copied";
  word.setAttribute("role", "status");
  setTimeout(() => {
    word.textContent = "Copy";
    word.removeAttribute("role");
  }, 2000);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const code = button.closest(".snippet")?.querySelector("code")?.textContent;
  await navigator.clipboard.writeText(button.dataset.copy || code || "");
  sayCopied(button);
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button) return;
  if (button.getAttribute("aria-busy") === "true") event.preventDefault();
  button.setAttribute("aria-busy", "true");
});

// The back button brings a page back as it was left: its buttons work again.
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

// After a swap focus goes to the refusal, for whoever does not see it appear.
document.addEventListener("htmx:afterSwap", (event) => {
  showCopyButtons(document);
  event.target.querySelector("[role=alert][tabindex]")?.focus();
});

showCopyButtons(document);
