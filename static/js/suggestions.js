// A list of people to pick from, below a text field that keeps the focus: arrows move, Enter or Tab picks, Escape closes.
import { fromTemplate } from "natter/fill.js";
import { ask } from "natter/http.js";

const PAUSE = 120;
const AT_MOST = 6;

export class Suggestions {
  constructor(field, list, template, pick) {
    Object.assign(this, { field, list, template, pick, chosen: 0 });
    list.addEventListener("mousedown", (event) => this.#clicked(event));
  }

  search(text) {
    clearTimeout(this.timer);
    if (!text) return this.close();
    this.timer = setTimeout(async () => {
      const found = await ask("GET", `/users?q=${encodeURIComponent(text)}`).catch(() => ({ items: [] }));
      if (document.activeElement === this.field) this.#show(found.items.slice(0, AT_MOST));
    }, PAUSE);
  }

  // True when the key was for the list.
  steer(event) {
    if (this.list.hidden || event.isComposing) return false;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) this.#choose((this.chosen + move + this.people.length) % this.people.length);
    else if (event.key === "Enter" || event.key === "Tab") this.#picked(this.chosen);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopImmediatePropagation();
    return true;
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
  }

  #show(people) {
    this.people = people;
    const rows = people.map((person, i) => fromTemplate(this.template, { ...person, row_id: `${this.list.id}-${i}` }));
    this.list.replaceChildren(...rows);
    this.list.hidden = !people.length;
    if (people.length) this.#choose(0);
  }

  #choose(index) {
    this.chosen = index;
    [...this.list.children].forEach((row, i) => row.setAttribute("aria-selected", i === index));
    this.field.setAttribute("aria-activedescendant", this.list.children[index].id);
  }

  #clicked(event) {
    event.preventDefault();
    const row = event.target.closest(".suggestion");
    if (row) this.#picked([...this.list.children].indexOf(row));
  }

  #picked(index) {
    this.close();
    this.pick(this.people[index]);
  }
}
