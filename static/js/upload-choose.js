// Choosing what goes up: a dialog for files, one for a folder, or drag and drop of both.
// A folder that comes alone is what is published: its own name is in no path.

function* fromInput(input) {
  for (const file of input.files) {
    const inside = file.webkitRelativePath.split("/").slice(1).join("/");
    yield { path: inside || file.name, file };
  }
}

async function* within(folder) {
  const reader = folder.createReader();
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return;
    yield* some;
  }
}

async function* walk(entry, before) {
  const path = before + entry.name;
  if (entry.isFile) {
    yield { path, file: await new Promise((done, fail) => entry.file(done, fail)) };
  } else {
    for await (const inner of within(entry)) yield* walk(inner, `${path}/`);
  }
}

async function* fromDrop(items) {
  // Taken at once: after the first pause the browser has forgotten them.
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  const alone = entries.length === 1 && entries[0].isDirectory;
  for await (const entry of alone ? within(entries[0]) : entries) yield* walk(entry, "");
}

export function enhance(box, take) {
  box.replaceChildren(box.querySelector("template").content.cloneNode(true));
  box.addEventListener("change", (event) => {
    take(fromInput(event.target));
  });
  box.addEventListener("dragover", (event) => {
    event.preventDefault();
    box.classList.add("over");
  });
  box.addEventListener("dragleave", () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("over");
    take(fromDrop(event.dataTransfer.items));
  });
}
