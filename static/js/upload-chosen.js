// What was chosen so far. To walk through a folder takes a while, and may fail.

import { files, size } from "./upload-view.js";

const chosen = new Map();
let reading = 0;
let unread = false;

export const all = () => [...chosen.values()];

// Whether something was chosen that is not among `all`: what is published would lack it.
export const lacking = () => reading > 0 || unread;

// All of it or nothing: nobody would see which half of a folder is there.
export async function gather(found) {
  say((reading += 1));
  const some = [];
  try {
    for await (const { path, file } of found) some.push([path, { path, file, size: file.size }]);
    for (const [path, one] of some) chosen.set(path, one);
    unread = false;
  } catch {
    unread = true;
  }
  say((reading -= 1));
}

export function say() {
  const place = document.querySelector("[data-chosen]");
  if (place) place.textContent = told();
}

function told() {
  if (reading) return "Looking through the folder…";
  if (unread) return "What was chosen last could not be read: choose it again. Nothing of it is among the files.";
  const bytes = all().reduce((total, one) => total + one.size, 0);
  return chosen.size ? `${files(chosen.size)} chosen, ${size(bytes)}.` : "";
}
