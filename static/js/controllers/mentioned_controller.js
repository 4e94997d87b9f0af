// Marks the messages that mention the reader, whether they were there, arrive or are changed.
import { Controller } from "@hotwired/stimulus";

export default class extends Controller {
  static targets = ["list"];

  connect() {
    this.wanted = `.mention[href="/@${document.body.dataset.username}/"], .mention-all`;
    this.changes = new MutationObserver((changes) => changes.forEach(({ target, addedNodes }) => [target, ...addedNodes].forEach((node) => this.#look(node))));
    this.changes.observe(this.listTarget, { childList: true, subtree: true });
    this.#look(this.listTarget);
  }

  disconnect() {
    this.changes.disconnect();
  }

  // A row, something in one, or all of them.
  #look(node) {
    if (!(node instanceof Element)) return;
    const row = node.closest(".message");
    (row ? [row] : node.querySelectorAll(".message")).forEach((one) => this.#mark(one));
  }

  #mark(row) {
    const names = [...row.querySelectorAll(".message-text :is(.mention, .mention-all)")].filter((name) => name.matches(this.wanted));
    names.forEach((name) => name.classList.add("is-me"));
    row.classList.toggle("is-mention", names.length > 0 && !row.classList.contains("is-mine"));
  }
}
