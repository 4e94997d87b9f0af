// The emoji on one message, drawn from `of`: [{ emoji, count, usernames, place }], and `chosen`: mine, where it does not name me.
import { Controller } from "@hotwired/stimulus";
import { fromTemplate } from "natter/fill.js";

export default class extends Controller {
  static values = { of: { type: Array, default: [] }, chosen: { type: Array, default: [] } };

  ofValueChanged() {
    this.draw();
  }

  // What one presses stays where the focus is.
  draw() {
    const focused = this.element.contains(document.activeElement) ? document.activeElement.getAttribute("formaction") : null;
    this.element.replaceChildren(...this.ofValue.map((reaction) => fromTemplate(document.getElementById("reaction-template"), this.#record(reaction))));
    if (focused) [...this.element.querySelectorAll("button")].find((button) => button.getAttribute("formaction") === focused)?.focus({ preventScroll: true });
  }

  // How one emoji is now; without a count it is gone.
  set({ emoji, count, usernames, place, username, is_on }) {
    if (username === document.body.dataset.username) this.chosenValue = [...this.chosenValue.filter((other) => other !== emoji), ...(is_on ? [emoji] : [])];
    const others = this.ofValue.filter((other) => other.emoji !== emoji);
    const now = count ? [...others, { emoji, count, usernames, place }] : others;
    this.ofValue = now.sort((one, other) => one.place - other.place);
  }

  // Who it was, as far as they are not hidden; everybody is counted.
  #namesOf(usernames, count) {
    const hidden = JSON.parse(this.element.closest("[data-hides-people-value]").dataset.hidesPeopleValue);
    const seen = usernames.filter((name) => !hidden.includes(name));
    const rest = count - seen.length;
    if (!seen.length) return rest === 1 ? "1 person" : `${rest} people`;
    return seen.join(", ") + (rest ? ` and ${rest} more` : "");
  }

  #record({ emoji, count, usernames }) {
    const mine = usernames.includes(document.body.dataset.username) || this.chosenValue.includes(emoji);
    const address = this.element.closest(".message").querySelector(".message-link").getAttribute("href");
    const names = this.#namesOf(usernames, count);
    return { address, emoji, count, names, mine: String(mine), method: mine ? "DELETE" : "PUT", who: ` by ${names}` };
  }
}
