// Where one is in the log: it stays at the end only if one was there, and counts what arrives below.
import { Controller } from "@hotwired/stimulus";

const NEAR = 80;

export default class extends Controller {
  static targets = ["log", "pill", "words", "divider"];

  connect() {
    this.toEnd();
    if (this.hasDividerTarget) this.#showDivider();
    this.scrolled();
    this.resized = new ResizeObserver(() => this.atEnd && this.#jump());
    this.resized.observe(this.logTarget);
  }

  disconnect() {
    this.resized.disconnect();
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.logTarget;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    this.#count(this.atEnd ? 0 : this.missed);
  }

  added({ detail: { older, isNew, mine } }) {
    if (older) return;
    if (this.atEnd || (mine && isNew)) this.toEnd();
    else if (!mine) this.#count(this.missed + 1);
  }

  toEnd() {
    this.#jump();
    this.#count(0);
  }

  #jump() {
    this.logTarget.scrollTop = this.logTarget.scrollHeight;
    this.atEnd = true;
  }

  // A third of the way down, so that what was read before it shows too.
  #showDivider() {
    const { top } = this.dividerTarget.getBoundingClientRect();
    this.logTarget.scrollTop += top - this.logTarget.getBoundingClientRect().top - this.logTarget.clientHeight / 3;
  }

  #count(missed) {
    this.missed = missed;
    this.pillTarget.hidden = this.atEnd;
    this.wordsTarget.textContent = missed ? `${missed} new ${missed === 1 ? "message" : "messages"}` : "Newest";
  }
}
