// One upload: what the server has is skipped, the rest goes up; when all is there, it is published.

import { Queue } from "./upload-queue.js";
import { announce, known, put } from "./upload-server.js";
import { View, files } from "./upload-view.js";

const sum = (some, of) => some.reduce((total, each) => total + of(each), 0);

export class Transfer {
  #over = false;
  files = new Map();

  constructor(panel) {
    this.address = panel.dataset.upload;
    this.view = new View(panel);
    this.queue = new Queue(
      (file, signal) => this.#send(file, signal),
      () => this.#look(),
    );
    this.knowing = known(this.address);
  }
  async take(chosen) {
    this.files = await this.knowing;
    const fresh = chosen.filter(({ path }) => !this.files.has(path));
    await announce(this.address, fresh);
    for (const { path, size } of fresh) this.files.set(path, { path, size, here: false });
    const wanted = chosen.filter((one) => this.#wants(this.files.get(one.path), one));
    this.queue.add(wanted.map(({ path }) => this.files.get(path)));
  }
  #wants(expected, { file, size }) {
    const { failed } = this.queue;
    if (expected.here || (expected.file && !failed.has(expected))) return false;
    failed.delete(expected);
    if (expected.size === size) return Object.assign(expected, { file, sent: 0, tries: 0 });
    failed.set(expected, `has ${size} bytes, and ${expected.size} were announced`);
    return false;
  }
  async #send(one, signal) {
    const sent = (bytes) => this.#look((one.sent = Math.min(bytes, one.size)));
    await put(this.address, one.path, one.file, { sent, signal });
    Object.assign(one, { here: true, file: undefined });
  }
  #look() {
    this.view.show(() => this.#state());
    if (this.queue.busy || this.queue.failed.size || this.#over) return;
    const missing = [...this.files.values()].filter(({ here }) => !here).length;
    if (missing) this.view.part("hint").textContent = `${files(missing)} still to be chosen.`;
    this.#over = !missing && this.files.size > 0;
    if (this.#over) this.view.part("finish").requestSubmit();
  }
  #state() {
    const all = [...this.files.values()];
    const here = all.filter((one) => one.here);
    const active = [...this.queue.active.keys()];
    const done = sum(here, ({ size }) => size) + sum(active, (one) => (one.here ? 0 : one.sent));
    const failed = [...this.queue.failed].map(([one, why]) => `${one.path}: ${why}`);
    const bytes = sum(all, ({ size }) => size);
    return { all: all.length, here: here.length, bytes, done, active, failed, paused: this.queue.paused };
  }
}
