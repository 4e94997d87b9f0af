// Leads to where one stopped reading, when that is above what the page began with: older messages are fetched up to there.
import { Controller } from "@hotwired/stimulus";
import { placeDivider } from "natter/divider.js";

const MOST_PAGES = 40;

export default class extends Controller {
  async jump(event) {
    event.preventDefault();
    this.element.setAttribute("aria-busy", "true");
    for (let page = 0; page < MOST_PAGES && this.#first > this.#readSeq; page++) {
      const before = this.#first;
      await this.#history?.load(event);
      if (this.#first === before) break;
    }
    const row = this.#rows.find((one) => Number(one.dataset.seq) > this.#readSeq && !one.matches(".is-mine"));
    if (row) this.#show(row);
    this.element.remove();
  }

  #show(row) {
    placeDivider(row).scrollIntoView({ block: "center" });
    row.setAttribute("tabindex", "-1");
    row.focus({ preventScroll: true });
  }

  get #chat() {
    return this.element.closest(".chat");
  }

  get #history() {
    return this.#chat.querySelector(".chat-older") && this.application.getControllerForElementAndIdentifier(this.#chat, "history");
  }

  get #rows() {
    return [...this.#chat.querySelectorAll(".message:not([data-seq=''])")];
  }

  get #first() {
    return Number(this.#rows[0].dataset.seq);
  }

  get #readSeq() {
    return Number(document.body.dataset.readSeq);
  }
}
