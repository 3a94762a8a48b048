// A comma-separated input becomes chips. What is sent stays one input's value.

function enhance(box) {
  const sent = box.querySelector("input");
  const typed = sent.cloneNode();
  const template = box.querySelector("template");
  let words = [];

  function chip(word) {
    const made = template.content.firstElementChild.cloneNode(true);
    made.prepend(word);
    const button = made.querySelector("button");
    button.setAttribute("aria-label", `Take out ${word}`);
    button.addEventListener("click", () => take(word));
    return made;
  }
  function show() {
    for (const old of box.querySelectorAll(".new")) old.remove();
    typed.before(...words.map(chip));
    keep();
  }
  function keep() {
    sent.value = [...words, typed.value].filter(Boolean).join(", ");
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
  typed.addEventListener("input", () => (typed.value.includes(",") ? split() : keep()));
  // Going to a chip's own button must not replace the button.
  typed.addEventListener("blur", (event) => {
    if (typed.value && !box.contains(event.relatedTarget)) split();
  });

  typed.removeAttribute("name");
  typed.placeholder = "Add a type";
  sent.type = "hidden";
  sent.removeAttribute("id");
  box.append(typed);
  split();
}

const enhanceAll = (root) => root.querySelectorAll("[data-chips]").forEach(enhance);
document.addEventListener("htmx:afterSwap", (event) => enhanceAll(event.target));
enhanceAll(document);
