// What the next message replies to, shown above the composer; and the quotes on the page, which say what theirs says now.
import { Controller } from "@hotwired/stimulus";
import { fill } from "natter/fill.js";

const LENGTH = 120;

export default class extends Controller {
  static targets = ["banner"];

  begin({ detail: { row } }) {
    this.quoted = this.#quoteOf(row);
    this.#show();
    this.element.querySelector(".chat-text")?.focus({ preventScroll: true });
  }

  cancel(event) {
    if (!this.quoted) return;
    event?.stopPropagation();
    this.quoted = null;
    this.#show();
    this.element.querySelector(".chat-text")?.focus({ preventScroll: true });
  }

  // On its way to the outbox.
  attach({ detail }) {
    if (!this.quoted) return;
    detail.reply_to = this.quoted;
    this.quoted = null;
    this.#show();
  }

  follow({ detail: { message_id, preview } }) {
    for (const quote of this.element.querySelectorAll(`[data-quotes="${message_id}"] .quote-words`)) quote.textContent = preview;
    if (this.quoted?.message_id !== message_id) return;
    this.quoted.preview = preview;
    this.#show();
  }

  #show() {
    this.bannerTarget.hidden = !this.quoted;
    fill(this.bannerTarget, this.quoted ?? {});
  }

  #quoteOf(row) {
    const { messageId, seq } = row.dataset;
    const words = row.querySelector(".message-text").innerText.replace(/\s+/g, " ").trim();
    const preview = words.length <= LENGTH ? words : `${words.slice(0, LENGTH - 1)}…`;
    return { message_id: messageId, seq: Number(seq), username: row.querySelector(".message-by [data-slot=username]").textContent, preview };
  }
}
