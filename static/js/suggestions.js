// A list of people to pick from, beside a text field that keeps the focus: arrows move, Enter or Tab picks, Escape closes.
// They are asked of `url`; `least` letters are needed first, and `more(text)` are people that only the page knows.
import { fromTemplate } from "natter/fill.js";
import { ask } from "natter/http.js";

const PAUSE = 120;
const AT_MOST = 6;

export class Suggestions {
  constructor(field, list, template, pick, { url = "/users", least = 1, more = () => [] } = {}) {
    Object.assign(this, { field, list, template, pick, url, least, more, chosen: 0 });
    list.addEventListener("mousedown", (event) => this.#clicked(event));
  }

  search(text) {
    clearTimeout(this.timer);
    this.wanted = text;
    if (text === undefined || text.length < this.least) return this.close();
    this.timer = setTimeout(async () => {
      const found = await ask("GET", `${this.url}?q=${encodeURIComponent(text)}`).catch(() => ({ items: [] }));
      if (document.activeElement !== this.field || this.wanted !== text) return;
      this.#show([...found.items.slice(0, AT_MOST), ...this.more(text)]);
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
    this.wanted = undefined;
    this.list.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
  }

  #show(people) {
    this.people = people;
    const rows = people.map((person, i) => fromTemplate(this.template, { ...person, row_id: `${this.list.id}-${i}` }));
    this.list.replaceChildren(...rows);
    this.list.hidden = !people.length;
    if (people.length) this.#choose(0);
    else this.close();
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
