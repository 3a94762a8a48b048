// One upload: what the server has is skipped, the rest goes up; when all is there, it is published.

import { lacking } from "./upload-chosen.js";
import { differs } from "./upload-digest.js";
import { Queue } from "./upload-queue.js";
import { put } from "./upload-put.js";
import { announce, known } from "./upload-server.js";
import { state } from "./upload-state.js";
import { View, files } from "./upload-view.js";

export class Transfer {
  #due;
  #over = false;
  #taking = Promise.resolve();
  files = new Map();

  constructor(panel) {
    this.address = panel.dataset.upload;
    this.view = new View(panel);
    this.queue = new Queue((file, signal) => this.#send(file, signal), () => this.#look());
    // The back button shows the page as it was left.
    window.addEventListener("pageshow", (event) => event.persisted && this.#over && location.reload());
  }
  // One after the other: what is being announced is known to the next. None is left out at the end.
  take(chosen) {
    this.#due = chosen;
    return (this.#taking = this.#taking.catch(() => {}).then(() => this.#take(chosen)));
  }
  async #take(chosen) {
    if (!this.files.size) this.files = await known(this.address);
    const fresh = chosen.filter(({ path }) => !this.files.has(path));
    await announce(this.address, fresh);
    for (const { path, size } of fresh) this.files.set(path, { path, size, here: false });
    const reasons = new Map();
    for (const one of chosen) reasons.set(one, await differs(this.files.get(one.path), one));
    const wanted = chosen.filter((one) => this.#wants(this.files.get(one.path), one, reasons.get(one)));
    if (this.#due === chosen) this.#due = undefined;
    this.queue.add(wanted.map(({ path }) => this.files.get(path)));
  }
  #wants(expected, { file }, why) {
    const { failed } = this.queue;
    if (expected.file && !failed.has(expected)) return false;
    failed.delete(expected);
    if (why) failed.set(expected, why);
    return !(why || expected.here) && Object.assign(expected, { file, sent: 0, tries: 0 });
  }
  async #send(one, signal) {
    const sent = (bytes) => this.#look((one.sent = Math.min(bytes, one.size)));
    const sha256 = await put(this.address, one.path, one.file, { sent, signal });
    Object.assign(one, { here: true, sha256, file: undefined });
  }
  #look() {
    this.view.show(() => state([...this.files.values()], this.queue));
    if (lacking() || this.#due || this.queue.busy || this.queue.failed.size || this.#over) return;
    const missing = [...this.files.values()].filter(({ here }) => !here).length;
    if (missing) this.view.part("hint").textContent = `${files(missing)} still to be chosen.`;
    this.#over = !missing && this.files.size > 0;
    if (this.#over) this.view.part("finish").requestSubmit();
  }
}
