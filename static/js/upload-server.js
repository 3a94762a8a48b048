// What is said to the server about an upload: announcements, and what it knows.

const TOGETHER = 500;

export function headers() {
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  return { "X-CSRFToken": token, "HX-Request": "true", "HX-Current-URL": location.href };
}

// A sentence why not; `lasts` where trying again would end the same way.
class Refused extends Error {
  constructor(status, page) {
    const said = new DOMParser().parseFromString(page, "text/html").querySelector("[role=alert]");
    super(said?.textContent.trim() || (status ? `The server answered ${status}.` : "No connection."));
    this.lasts = status >= 400 && status < 500 && status !== 429;
    this.endsAll = status === 403 || status === 404;
  }
}

export function judge(status, leadsTo, page = "") {
  if (leadsTo) location.assign(leadsTo);
  if (leadsTo || status < 200 || status > 299) throw new Refused(status, page);
}

async function ask(address, more = {}) {
  const answer = await fetch(address, { headers: headers(), ...more }).catch(() => judge(0));
  if (answer.ok && !answer.headers.get("HX-Redirect")) return answer.json();
  return judge(answer.status, answer.headers.get("HX-Redirect"), await answer.text());
}

export async function known(address) {
  const files = new Map();
  for (let next = "?"; next; ) {
    const page = await ask(new URL(next, new URL(address, location)));
    for (const [path, size, sha256] of page.files) files.set(path, { path, size, sha256, here: sha256 !== null });
    next = page.next;
  }
  return files;
}

export async function announce(address, files) {
  for (let first = 0; first < files.length; first += TOGETHER) {
    const lines = files.slice(first, first + TOGETHER).map(({ path, size }) => [path, size]);
    const sent = { ...headers(), "Content-Type": "application/json" };
    await ask(address, { method: "POST", headers: sent, body: JSON.stringify({ files: lines }) });
  }
}
