// Where one is in the log: stays at the end only if one was there, counts what arrives below, loads older on the way up.
import { Controller } from "@hotwired/stimulus";
import { Problem, ask, say } from "natter/http.js";

const NEAR = 80;

export default class extends Controller {
  static targets = ["log", "older", "pill", "words", "divider"];

  connect() {
    this.missed = 0;
    this.atEnd = true;
    this.toEnd();
    if (this.hasDividerTarget) this.#showDivider();
    this.scrolled();
    this.resized = new ResizeObserver(() => this.atEnd && this.#jump());
    this.resized.observe(this.logTarget);
    this.nearTop = new IntersectionObserver(([entry]) => entry.isIntersecting && this.older(), { root: this.logTarget, rootMargin: "300px 0px 0px" });
    if (this.hasOlderTarget) this.nearTop.observe(this.olderTarget);
  }

  disconnect() {
    this.resized.disconnect();
    this.nearTop.disconnect();
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.logTarget;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.atEnd) this.#count(0);
  }

  added({ detail: { older, isNew, mine } }) {
    if (older) return;
    if (this.atEnd || (mine && isNew)) return this.#jump();
    if (!mine) this.#count(this.missed + 1);
  }

  toEnd() {
    this.#jump();
    this.#count(0);
  }

  async older(event) {
    event?.preventDefault();
    if (this.loading || !this.hasOlderTarget) return;
    this.loading = true;
    try {
      const { pathname } = location;
      this.#prepend(await ask("GET", `${pathname.replace(/\/?$/, "/")}messages?before=${this.olderTarget.dataset.before}`));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (event) say(problem.message);
    } finally {
      this.loading = false;
    }
  }

  // What one looks at stays where it is.
  #prepend({ items, next }) {
    const fromEnd = this.logTarget.scrollHeight - this.logTarget.scrollTop;
    this.logTarget.setAttribute("aria-live", "off");
    if (next === null) this.olderTarget.parentElement.remove();
    else this.olderTarget.dataset.before = next;
    this.dispatch("loaded", { detail: items });
    this.logTarget.scrollTop = this.logTarget.scrollHeight - fromEnd;
    setTimeout(() => this.logTarget.setAttribute("aria-live", "polite"), 500);
    if (next === null) return;
    this.nearTop.unobserve(this.olderTarget);
    this.nearTop.observe(this.olderTarget);
  }

  // A third of the way down, so that what was read before it shows too.
  #showDivider() {
    const { top } = this.dividerTarget.getBoundingClientRect();
    this.logTarget.scrollTop += top - this.logTarget.getBoundingClientRect().top - this.logTarget.clientHeight / 3;
  }

  #jump() {
    this.logTarget.scrollTop = this.logTarget.scrollHeight;
    this.atEnd = true;
  }

  #count(missed) {
    this.missed = missed;
    this.pillTarget.hidden = this.atEnd;
    this.wordsTarget.textContent = missed ? `${missed} new ${missed === 1 ? "message" : "messages"}` : "Newest";
  }
}
