// Uploading: files are chosen, the form becomes the running upload, nobody leaves it by mistake.

import { enhance } from "./upload-choose.js";
import { all, gather, say } from "./upload-chosen.js";
import { Transfer } from "./upload-transfer.js";

let transfer;
let leaves = false;

async function take(found) {
  await gather(found);
  await send();
}
async function send() {
  const chosen = all();
  if (!transfer || !chosen.length) return;
  transfer.view.trouble("");
  await transfer.take(chosen).catch((error) => transfer.view.trouble(error.message));
}
function wire(panel) {
  transfer = new Transfer(panel);
  panel.dataset.ready = "";
  const { queue } = transfer;
  const on = (name, event, act) => panel.querySelector(`[data-${name}]`).addEventListener(event, act);
  on("pause", "click", () => (queue.paused ? queue.resume() : queue.pause()));
  on("retry", "click", () => send(queue.resume()));
  on("cancel", "submit", () => {
    leaves = true;
    queue.pause();
  });
  send();
}

// With the page, and again when the form has become the upload.
function arrive() {
  for (const box of document.querySelectorAll("[data-drop]:has(> template)")) enhance(box, take);
  const panel = document.querySelector("[data-upload]:not([data-ready])");
  if (panel) wire(panel);
  say();
}
// Where the end was refused, it is asked for again by hand.
document.addEventListener("htmx:afterSettle", () => transfer?.queue.changed());
document.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
  if (!xhr.status || xhr.status >= 500) transfer?.queue.changed();
});
window.addEventListener("beforeunload", (event) => {
  if (transfer?.queue.busy && !leaves) event.preventDefault();
});
document.addEventListener("htmx:afterSwap", arrive);
arrive();
