// Fills a piece of markup from a record, by its slots:
//   data-slot="path"              text           data-html-slot="path"         HTML that the server made safe
//   data-slot-if="path"           shown when true    data-slot-class="name:path …" class when true
//   data-slot-<attribute>="…{path}…"   any other attribute
// What is in [data-apart] has a record of its own.
const SLOT = "data-slot-";
const ADDRESSES = new Set(["href", "src", "action"]);
const SAFE_ADDRESS = /^(https?:\/\/|\/|#|$)/i;

const at = (record, path) => path.split(".").reduce((value, key) => value?.[key], record);
const filled = (pattern, record) => pattern.replace(/\{([\w.]+)\}/g, (_, path) => at(record, path) ?? "");

export function fill(root, record) {
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (element !== root && root.contains(element.parentElement?.closest("[data-apart]") ?? null)) continue;
    for (const { name, value } of [...element.attributes]) {
      if (name === "data-slot") element.textContent = at(record, value) ?? "";
      else if (name === "data-html-slot") element.innerHTML = at(record, value) ?? "";
      else if (name.startsWith(SLOT)) set(element, name.slice(SLOT.length), value, record);
    }
  }
  return root;
}

// The one element of a <template>, filled.
export function fromTemplate(template, record) {
  return fill(template.content.firstElementChild.cloneNode(true), record);
}

function set(element, name, pattern, record) {
  if (name === "if") return (element.hidden = !at(record, pattern));
  if (name === "class") {
    for (const [token, path] of pattern.split(" ").map((rule) => rule.split(":"))) element.classList.toggle(token, Boolean(at(record, path)));
    return;
  }
  const value = filled(pattern, record);
  element.setAttribute(name, ADDRESSES.has(name) && !SAFE_ADDRESS.test(value) ? "#" : value);
}
