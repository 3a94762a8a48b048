// Sends files, four at a time. What fails and may pass is tried again, each time later.

const AT_ONCE = 4;
const PAUSES = [1000, 4000, 16000];

export class Queue {
  #waiting = [];
  #delayed = 0;
  active = new Map();
  failed = new Map();
  paused = false;

  constructor(send, changed) {
    this.send = send;
    this.changed = changed;
  }
  get busy() {
    return this.active.size + this.#delayed + this.#waiting.length > 0;
  }
  add(files) {
    for (const file of files) this.#waiting.push(file);
    this.#go();
  }
  pause() {
    this.paused = true;
    for (const control of this.active.values()) control.abort();
    this.changed();
  }
  resume() {
    this.paused = false;
    const again = [...this.failed.keys()].filter((file) => file.file);
    for (const file of again) this.failed.delete(file);
    this.add(again.map((file) => Object.assign(file, { tries: 0 })));
  }
  #go() {
    while (!this.paused && this.active.size < AT_ONCE && this.#waiting.length) {
      this.#run(this.#waiting.shift());
    }
    this.changed();
  }
  async #run(file) {
    const control = new AbortController();
    this.active.set(file, control);
    await this.send(file, control.signal).catch((error) => this.#fail(file, error, control.signal));
    this.active.delete(file);
    this.#go();
  }
  #fail(file, error, signal) {
    file.sent = 0;
    file.tries ??= 0;
    if (signal.aborted) this.#waiting.unshift(file);
    else if (error.lasts || file.tries === PAUSES.length) this.failed.set(file, error.message);
    else this.#later(file, PAUSES[file.tries++]);
    if (error.endsAll) this.pause();
  }
  #later(file, pause) {
    this.#delayed += 1;
    setTimeout(() => this.add([file], (this.#delayed -= 1)), pause);
  }
}
