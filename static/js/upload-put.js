// One PUT a file, with its digest where the browser makes one.

import { digest } from "./upload-digest.js";
import { headers, judge } from "./upload-server.js";

// Returns the digest that the bytes were sent with, where there is one.
export async function put(address, path, file, { sent, signal }) {
  const sha256 = await digest(file);
  signal.throwIfAborted();
  const request = new XMLHttpRequest();
  request.open("PUT", address + path.split("/").map(encodeURIComponent).join("/"));
  for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
  if (sha256) request.setRequestHeader("Content-Digest", `sha-256=:${sha256}:`);
  request.upload.addEventListener("progress", (event) => sent(event.loaded));
  signal.addEventListener("abort", () => request.abort());
  await new Promise((done) => {
    request.addEventListener("loadend", done);
    request.send(file);
  });
  judge(request.status, request.getResponseHeader("HX-Redirect"), request.responseText);
  return sha256;
}
