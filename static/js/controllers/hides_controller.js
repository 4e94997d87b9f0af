// Who is hidden from me: in a group their messages fold away, in a conversation of two they go.
import { Controller } from "@hotwired/stimulus";

export default class extends Controller {
  static targets = ["fold"];
  static values = { people: Array, other: Number };

  connect() {
    this.people = new Set(this.peopleValue);
    this.#rows.forEach((row) => this.#fold(row));
  }

  added({ detail: { row } }) {
    if (row.matches(".message")) this.#fold(row);
  }

  blocked({ detail: { user_id } }) {
    this.people.add(user_id);
    const rows = this.#rows.filter((row) => Number(row.dataset.userId) === user_id);
    rows.forEach((row) => (user_id === this.otherValue ? row.remove() : this.#fold(row)));
    if (user_id === this.otherValue) this.element.classList.add("is-closed");
  }

  unblocked({ detail: { user_id } }) {
    this.people.delete(user_id);
    this.#rows.filter((row) => Number(row.dataset.userId) === user_id).forEach((row) => this.#unfold(row));
  }

  show({ target }) {
    this.#unfold(target.closest(".message"));
  }

  #fold(row) {
    if (!this.people.has(Number(row.dataset.userId)) || row.classList.contains("is-folded")) return;
    row.classList.add("is-folded");
    row.querySelector(".message-main").append(this.foldTarget.content.cloneNode(true));
  }

  #unfold(row) {
    row.classList.remove("is-folded");
    row.querySelector(".fold")?.remove();
  }

  get #rows() {
    return [...this.element.querySelectorAll(".message")];
  }
}
