// The list of threads that one follows: each row follows its frames; what is unread stands on top.
import { Controller } from "@hotwired/stimulus";
import { fromTemplate } from "natter/fill.js";
import { ask } from "natter/http.js";

const titleIn = (row) => row.querySelector("[data-slot=title]");
// Everybody who has such a row asks at the same moment.
const SPREAD = 1_000;

export default class extends Controller {
  static targets = ["list", "template", "empty"];

  activity({ detail: { thread, last_number } }) {
    const row = this.#row(thread);
    if (!row || last_number > Number(row.dataset.lastNumber)) this.#fetch();
  }

  read({ detail: { thread, number } }) {
    const row = this.#row(thread);
    if (row && Number(row.dataset.lastNumber) - number < Number(row.dataset.unread)) this.#fetch();
  }

  // Also told after each connection, of those that stand here anyway.
  followed({ detail: { thread, is_followed, last_number, read_number } }) {
    const row = this.#row(thread);
    const { lastNumber, unread } = row?.dataset ?? {};
    if (!is_followed) row?.remove();
    else if (!row || last_number > Number(lastNumber) || last_number - read_number < Number(unread)) this.#fetch();
    this.#showEmpty();
  }

  left({ detail: { conversation_id } }) {
    this.#rowsIn(conversation_id).forEach((row) => row.remove());
    this.#showEmpty();
  }

  // Without a title of its own the conversation is called after the others in it.
  called({ detail: { conversation_id, title } }) {
    const rows = this.#rowsIn(conversation_id);
    if (title) rows.forEach((row) => (titleIn(row).textContent = title));
    else if (rows.length) setTimeout(() => this.#fetch(), Math.random() * SPREAD);
  }

  // The beginning of the list as it is now. Of what happens meanwhile one more question comes.
  async #fetch() {
    if (new URLSearchParams(location.search).has("before")) return;
    if (this.asking) return void (this.again = true);
    this.asking = true;
    const { items } = await ask("GET", "/threads").catch(() => ({ items: null }));
    this.asking = false;
    if (items) this.#draw(items);
    if (this.again) this.again = void this.#fetch();
  }

  // A row that stays where it is keeps the focus.
  #draw(items) {
    const rows = items.map((item) => this.#drawn(item));
    const older = [...this.listTarget.children].filter((row) => !items.some(({ id }) => row.id === `thread-${id}`));
    [...rows, ...older].forEach((row, place) => {
      const there = this.listTarget.children[place] ?? null;
      if (there !== row) this.listTarget.insertBefore(row, there);
    });
    this.#showEmpty();
  }

  #drawn(item) {
    const by = `${item.last_number} ${item.last_number === 1 ? "reply" : "replies"}, last by ${item.usernames[0]}`;
    const fresh = fromTemplate(this.templateTarget, { ...item, by });
    const row = this.#row(item.id);
    if (!row) return fresh;
    const { lastNumber, unread } = fresh.dataset;
    if (row.dataset.lastNumber === lastNumber && row.dataset.unread === unread) {
      titleIn(row).textContent = item.title;
      return row;
    }
    row.replaceWith(fresh);
    return fresh;
  }

  #showEmpty() {
    this.emptyTarget.hidden = this.listTarget.children.length > 0;
  }

  #rowsIn(conversation) {
    return [...this.listTarget.querySelectorAll(`[data-conversation="${conversation}"]`)];
  }

  #row(id) {
    return document.getElementById(`thread-${id}`);
  }
}
