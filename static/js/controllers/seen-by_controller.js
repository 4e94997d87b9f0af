// "Seen by …" under the newest message of a group, as far as the others tell how far they have read.
import { Controller } from "@hotwired/stimulus";

const NAMED = 3;

export default class extends Controller {
  static targets = ["words"];
  static values = { positions: Array };

  connect() {
    this.others = new Map(this.positionsValue.map((other) => [other.user_id, other]));
    this.draw();
  }

  // Who writes has read what came before.
  move({ detail: { user_id, username, seq, thread } }) {
    if (thread || user_id === Number(document.body.dataset.userId)) return;
    this.others.set(user_id, { user_id, username, seq: Math.max(seq, this.others.get(user_id)?.seq ?? 0) });
    this.draw();
  }

  draw() {
    const newest = [...document.querySelectorAll(".chat .message:not([data-seq=''])")].at(-1);
    const readers = newest ? [...this.others.values()].filter((other) => this.#hasRead(other, newest.dataset)) : [];
    const names = readers.slice(0, NAMED).map(({ username }) => username).join(", ");
    const more = readers.length > NAMED ? ` and ${readers.length - NAMED} more` : "";
    this.wordsTarget.hidden = !readers.length;
    this.wordsTarget.textContent = `Seen by ${names}${more}`;
    if (newest) this.wordsTarget.href = newest.querySelector(".message-link").getAttribute("href");
  }

  #hasRead({ user_id, seq }, message) {
    return seq >= Number(message.seq) && user_id !== Number(message.userId);
  }
}
