// Editing one's own message where it stands. Arrow-up in an empty composer edits the last one.
import { Controller } from "@hotwired/stimulus";
import { Problem, ask, isLive, say } from "natter/http.js";

const MINE = ".message.is-mine:not([data-seq='']):not(.is-deleted)";

export default class extends Controller {
  static targets = ["template"];

  last(event) {
    if (event.target.value || event.isComposing) return;
    const row = [...this.element.querySelectorAll(MINE)].at(-1);
    if (!row) return;
    event.preventDefault();
    this.begin({ detail: { row } });
  }

  // The words as they were typed are on the server; the page has only what became of them.
  async begin({ detail: { row } }) {
    this.cancel();
    this.url = row.querySelector(".message-link").getAttribute("href");
    try {
      const { message } = await ask("GET", this.url);
      this.#open(row, message.message);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      say(problem.message);
    }
  }

  key(event) {
    if (event.key === "Escape") return event.stopPropagation(), this.cancel();
    const sends = event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.matches("textarea");
    if (!sends || matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  async save(event) {
    event.preventDefault();
    const { form } = this;
    try {
      const frame = await ask("PUT", this.url, { message: form.elements.message.value });
      if (!isLive()) this.#tell(frame);
      if (this.form === form) this.cancel();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.#complain(form, problem.fields.message ?? problem.message);
    }
  }

  cancel() {
    if (!this.form) return;
    this.form.parentElement.classList.remove("is-editing");
    this.form.remove();
    this.form = null;
    this.element.querySelector(".chat-text")?.focus({ preventScroll: true });
  }

  #open(row, words) {
    const main = row.querySelector(".message-main");
    main.append(this.templateTarget.content.cloneNode(true));
    main.classList.add("is-editing");
    this.form = main.lastElementChild;
    this.form.elements.message.value = words;
    this.form.elements.message.focus();
    this.form.scrollIntoView({ block: "nearest" });
  }

  #tell(frame) {
    document.dispatchEvent(new CustomEvent("natter:message_edited", { detail: { ...frame, message_seq: frame.seq } }));
  }

  #complain(form, message) {
    const place = form.querySelector("[role=alert]");
    place.hidden = false;
    place.textContent = message;
  }
}
