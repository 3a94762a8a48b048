// What is seen of an upload: how far it is in all, the files on their way, those that failed.

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];
const NAMED = 20;

export function size(bytes) {
  const unit = UNITS.findIndex((_, power) => bytes / 1000 ** power < 999.5);
  const value = bytes / 1000 ** unit;
  return `${unit && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

export const files = (count) => `${count} file${count === 1 ? "" : "s"}`;

function line(text, share) {
  const made = document.createElement("li");
  made.append(text);
  if (share === undefined) return made;
  const bar = made.appendChild(document.createElement("progress"));
  bar.value = share;
  bar.setAttribute("aria-label", text);
  return made;
}

export class View {
  #waits = false;

  constructor(panel) {
    this.part = (name) => panel.querySelector(`[data-${name}]`);
    this.bar = panel.querySelector("progress");
  }
  // At most once a frame, however many files end in it.
  show(state) {
    if (!this.#waits) requestAnimationFrame(() => this.#draw(state()));
    this.#waits = true;
  }
  #draw({ all, here, bytes, done, active, failed, paused }) {
    this.#waits = false;
    [this.bar.max, this.bar.value] = [bytes || 1, done];
    const far = `${here} of ${files(all)}, ${size(done)} of ${size(bytes)}`;
    this.part("line").textContent = paused ? `${far}, paused` : far;
    this.part("active").replaceChildren(...active.map((f) => line(f.path, f.sent / (f.size || 1))));
    const publishes = this.part("finish").matches(".htmx-request");
    this.part("rest").hidden = active.length > 0 || publishes;
    this.part("hint").hidden = paused;
    this.part("pause").hidden = !(paused || active.length);
    this.part("pause").textContent = paused ? "Go on" : "Pause";
    // Said aloud: every tenth part.
    const step = `${Math.floor((10 * done) / (bytes || 1))}0 % are there.`;
    if (this.part("step").textContent !== step) this.part("step").textContent = step;
    if (failed.length) this.trouble(`${files(failed.length)} did not arrive.`, failed);
    else if (this.part("failed").children.length) this.trouble("");
  }
  trouble(what, failed = []) {
    this.part("trouble").hidden = !what;
    if (this.part("what").textContent !== what) this.part("what").textContent = what;
    const more = failed.length > NAMED ? [`and ${failed.length - NAMED} more`] : [];
    const named = [...failed.slice(0, NAMED), ...more];
    this.part("failed").replaceChildren(...named.map((text) => line(text)));
  }
}
