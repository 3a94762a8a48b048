// Uploading: files are chosen, the form becomes the running upload, nobody leaves it by mistake.

import { enhance } from "./upload-choose.js";
import { Transfer } from "./upload-transfer.js";
import { files, size } from "./upload-view.js";

const chosen = new Map();
let transfer;
let leaves = false;

async function take(found) {
  for await (const { path, file } of found) chosen.set(path, { path, file, size: file.size });
  say();
  await send();
}
function say() {
  const place = document.querySelector("[data-chosen]");
  const bytes = [...chosen.values()].reduce((total, one) => total + one.size, 0);
  if (place && chosen.size) place.textContent = `${files(chosen.size)} chosen, ${size(bytes)}.`;
}
async function send() {
  if (!transfer || !chosen.size) return;
  transfer.view.trouble("");
  await transfer.take([...chosen.values()]).catch((error) => transfer.view.trouble(error.message));
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
