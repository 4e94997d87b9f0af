// Who is hidden from me: in a group their messages fold away, in a conversation of two they go; nowhere are they quoted.
import { Controller } from "@hotwired/stimulus";

export default class extends Controller {
  static targets = ["fold"];
  static values = { people: Array, other: String };

  // The attribute is the state: whatever changes it, the page follows.
  peopleValueChanged() {
    this.#rows.forEach((row) => this.#draw(row));
    for (const list of this.element.querySelectorAll(".reactions")) {
      this.application.getControllerForElementAndIdentifier(list, "reactions")?.draw();
    }
  }

  added({ detail: { row } }) {
    if (row.matches(".message")) this.#draw(row);
  }

  blocked({ detail: { username } }) {
    if (username === this.otherValue) {
      this.#rows.filter((row) => authorOf(row) === username).forEach((row) => row.remove());
      this.element.classList.add("is-closed");
    }
    this.peopleValue = [...this.peopleValue, username];
  }

  unblocked({ detail: { username } }) {
    this.peopleValue = this.peopleValue.filter((name) => name !== username);
  }

  #draw(row) {
    const quote = row.querySelector(".quote");
    quote.classList.toggle("is-hidden", this.peopleValue.includes(quote.querySelector("b").textContent));
    const isFolded = this.peopleValue.includes(authorOf(row));
    row.classList.toggle("is-folded", isFolded);
    const fold = row.querySelector(".fold");
    if (!isFolded) fold?.remove();
    else if (!fold) row.querySelector(".message-main").prepend(this.foldTarget.content.cloneNode(true));
  }

  get #rows() {
    return [...this.element.querySelectorAll(".message")];
  }
}

const authorOf = (row) => row.querySelector(".message-by [data-slot=username]").textContent;
