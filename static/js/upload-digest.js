// Which bytes a file has, by their sha256 in base64: the server refuses others, and names its own.

const MOST = 1 << 24; // bytes: a file is read whole for it
const digests = new WeakMap();

async function read(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

// Nothing for larger files, and where the page came without encryption from another machine.
export async function digest(file) {
  if (file.size > MOST || !crypto.subtle) return undefined;
  if (!digests.has(file)) digests.set(file, await read(file));
  return digests.get(file);
}

// Why a file is not the one that is known by its path, or nothing.
export async function differs(known, { file, size }) {
  if (known.size !== size) return `has ${size} bytes, and ${known.size} were announced`;
  const found = known.sha256 && (await digest(file));
  return found && found !== known.sha256 ? "has other bytes than the file that arrived" : "";
}
