// The page of a group follows its frames: the parts that show the group are drawn anew by the server, and taken over.
import { Controller } from "@hotwired/stimulus";

// Everybody who has this page open hears of a change at the same moment.
const SPREAD = 1_000;

export default class extends Controller {
  disconnect() {
    clearTimeout(this.timer);
  }

  refresh() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#fetch(), Math.random() * SPREAD);
  }

  async #fetch() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of this.element.querySelectorAll("[data-group-part]")) this.#take(part, fresh);
  }

  // A menu that is open stays; its part is drawn anew with the next change.
  #take(part, fresh) {
    const other = fresh.querySelector(`[data-group-part=${part.dataset.groupPart}]`);
    if (other && !part.contains(document.activeElement)) part.replaceWith(other);
  }
}
