// An open thread: how far one has read it, whether one follows it, and what one has begun to write in it.
import { Controller } from "@hotwired/stimulus";
import { InView } from "natter/in-view.js";
import { Telling } from "natter/telling.js";

const PAUSE = 250;

export default class extends Controller {
  static targets = ["text", "button", "method"];
  static values = { id: String, url: String };

  connect() {
    this.read = new Telling(this.element, { type: "read_thread", thread: this.idValue }, `${this.urlValue}read`);
    this.key = `natter:thread-draft:${this.idValue}`;
    this.inView = new InView(this.element.querySelector("[role=log]"), () => this.tell());
    this.#rows.forEach((row) => this.inView.add(row));
    this.#restore();
  }

  disconnect() {
    this.inView.end();
    clearTimeout(this.timer);
  }

  // On its way to the outbox.
  attach({ detail }) {
    detail.thread = this.idValue;
    sessionStorage.removeItem(this.key);
  }

  // Kept in this tab alone.
  wrote() {
    sessionStorage.setItem(this.key, this.textTarget.value);
  }

  added({ detail: { row } }) {
    this.inView.add(row);
    this.tell();
  }

  followed({ detail: { thread, is_followed } }) {
    if (thread !== this.idValue) return;
    this.buttonTarget.setAttribute("aria-pressed", is_followed);
    this.methodTarget.value = is_followed ? "DELETE" : "PUT";
  }

  // A fresh line may have lost what was told over the old one.
  connection({ detail: { socket, state } }) {
    if (socket !== "chat" || state !== "live") return;
    this.read.again();
    this.tell();
  }

  tell() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#tellRead(), PAUSE);
  }

  #tellRead() {
    if (document.hidden || this.element.classList.contains("is-closed")) return;
    this.read.upTo(this.#rows.filter((row) => this.inView.has(row)));
  }

  #restore() {
    const begun = sessionStorage.getItem(this.key);
    if (!begun || !this.hasTextTarget || this.textTarget.value) return;
    this.textTarget.value = begun;
    this.textTarget.dispatchEvent(new Event("input", { bubbles: true }));
  }

  get #rows() {
    return [...this.element.querySelectorAll(".message-list > .message:not([data-seq=''])")];
  }
}
