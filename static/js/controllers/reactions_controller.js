// The emoji on one message, drawn from `of`: [{ emoji, count, usernames, place }].
import { Controller } from "@hotwired/stimulus";
import { fromTemplate } from "natter/fill.js";

export default class extends Controller {
  static values = { of: { type: Array, default: [] } };

  // What one presses stays where the focus is.
  ofValueChanged() {
    const focused = this.element.contains(document.activeElement) ? document.activeElement.getAttribute("formaction") : null;
    this.element.replaceChildren(...this.ofValue.map((reaction) => fromTemplate(document.getElementById("reaction-template"), this.#record(reaction))));
    if (focused) [...this.element.querySelectorAll("button")].find((button) => button.getAttribute("formaction") === focused)?.focus({ preventScroll: true });
  }

  // How one emoji is now; without a count it is gone.
  set({ emoji, count, usernames, place }) {
    const others = this.ofValue.filter((other) => other.emoji !== emoji);
    const now = count ? [...others, { emoji, count, usernames, place }] : others;
    this.ofValue = now.sort((one, other) => one.place - other.place);
  }

  #record({ emoji, count, usernames }) {
    const mine = usernames.includes(document.body.dataset.username);
    const address = this.element.closest(".message").querySelector(".message-link").getAttribute("href");
    const names = usernames.join(", ") + (count > usernames.length ? ` and ${count - usernames.length} more` : "");
    return { address, emoji, count, names, mine: String(mine), method: mine ? "DELETE" : "PUT", who: ` by ${names}` };
  }
}
