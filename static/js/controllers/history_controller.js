// Older messages, fetched on the way up. What one looks at stays where it is.
import { Controller } from "@hotwired/stimulus";
import { Problem, ask, say } from "natter/http.js";

const AHEAD = "300px 0px 0px";

export default class extends Controller {
  static targets = ["log", "older"];

  olderTargetConnected(older) {
    this.near = new IntersectionObserver(([entry]) => entry.isIntersecting && this.load(), { root: this.logTarget, rootMargin: AHEAD });
    this.near.observe(older);
  }

  olderTargetDisconnected() {
    this.near.disconnect();
  }

  // Whoever comes meanwhile waits for the same.
  load(event) {
    event?.preventDefault();
    this.loading ??= this.#fetch(event).finally(() => (this.loading = null));
    return this.loading;
  }

  async #fetch(event) {
    const { conversationId } = document.body.dataset;
    try {
      this.#show(await ask("GET", `/conversations/${conversationId}/messages?before=${this.olderTarget.dataset.before}`));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (event) say(problem.message);
    }
  }

  #show({ items, lines = [], chosen = {}, next }) {
    const fromEnd = this.logTarget.scrollHeight - this.logTarget.scrollTop;
    this.logTarget.setAttribute("aria-live", "off");
    this.dispatch("loaded", { detail: items.map((item) => ({ ...item, chosen: chosen[item.message_id] })) });
    this.dispatch("lines", { detail: lines });
    if (next === null) this.olderTarget.parentElement.remove();
    else this.#continueAt(next);
    this.logTarget.scrollTop = this.logTarget.scrollHeight - fromEnd;
    setTimeout(() => this.logTarget.setAttribute("aria-live", "polite"), 500);
  }

  // Observed afresh, so that it is asked again when it is still near.
  #continueAt(next) {
    this.olderTarget.dataset.before = next;
    this.near.unobserve(this.olderTarget);
    this.near.observe(this.olderTarget);
  }
}
