// The field one writes messages in: Enter sends, Shift+Enter makes a line, the others hear that one is typing.
import { Controller } from "@hotwired/stimulus";
import { sent } from "natter/command.js";
import { TypingSignal } from "natter/typing-signal.js";

export default class extends Controller {
  static targets = ["text", "button", "trouble"];
  static values = { typing: { type: Boolean, default: true } };

  connect() {
    this.typing = new TypingSignal((is_typing) => this.typingValue && sent(this.element, { type: "typing", is_typing }));
    this.touch = matchMedia("(pointer: coarse)").matches;
    this.#show();
    if (!this.touch) this.textTarget.focus({ preventScroll: true });
  }

  disconnect() {
    this.typing.stop();
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || this.touch) return;
    event.preventDefault();
    this.textTarget.form.requestSubmit();
  }

  input() {
    this.#show();
    if (this.#text) this.typing.keystroke();
    else this.typing.stop();
  }

  redraw() {
    this.#show();
  }

  submit(event) {
    event.preventDefault();
    if (!this.#text || this.#tooLong) return;
    const message = this.textTarget.value;
    this.textTarget.value = "";
    this.typing.stop();
    this.#show();
    this.textTarget.focus({ preventScroll: true });
    this.dispatch("send", { detail: { message } });
  }

  get #text() {
    return this.textTarget.value.trim();
  }

  get #tooLong() {
    return Math.max(0, [...this.#text].length - Number(document.body.dataset.textLength));
  }

  #show() {
    this.buttonTarget.disabled = !this.#text || this.#tooLong > 0;
    this.troubleTarget.hidden = !this.#tooLong;
    this.troubleTarget.textContent = this.#tooLong ? `${this.#tooLong} characters too many.` : "";
    if (CSS.supports("field-sizing", "content")) return;
    this.textTarget.style.height = "auto";
    this.textTarget.style.height = `${this.textTarget.scrollHeight}px`;
  }
}
