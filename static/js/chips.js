// A comma-separated input becomes chips. What is sent stays the input's own value.

function chip(word, remove) {
  const element = document.createElement("span");
  element.className = "type new";
  element.textContent = word;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "×";
  button.setAttribute("aria-label", `Take out ${word}`);
  button.addEventListener("click", remove);
  element.append(button);
  return element;
}

function enhance(box) {
  const sent = box.querySelector("input");
  const typed = sent.cloneNode();
  let words = [];
  typed.removeAttribute("name");
  typed.placeholder = "Add a type";
  sent.type = "hidden";
  sent.removeAttribute("id");
  box.append(typed);

  function show() {
    for (const old of box.querySelectorAll(".type")) old.remove();
    for (const word of words) typed.before(chip(word, () => take(word)));
    sent.value = [...words, typed.value].join(",");
  }
  function take(word) {
    words = words.filter((other) => other !== word);
    show();
    typed.focus();
  }
  function split() {
    const parts = typed.value.split(/[,\n\r]+/).map((part) => part.trim());
    words = [...new Set([...words, ...parts.filter(Boolean)])];
    typed.value = "";
    show();
  }
  typed.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !typed.value && words.length) take(words.at(-1));
    if (event.key !== "Enter" || !typed.value.trim()) return;
    event.preventDefault();
    split();
  });
  typed.addEventListener("input", () => (typed.value.includes(",") ? split() : show()));
  typed.addEventListener("blur", split);
  split();
}

for (const box of document.querySelectorAll("[data-chips]")) enhance(box);
