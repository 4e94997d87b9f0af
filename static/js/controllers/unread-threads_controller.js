// The badge on "Threads": how many of those one follows hold something unread.
import { Controller } from "@hotwired/stimulus";
import { UnreadThreads } from "natter/unread-threads.js";

export default class extends Controller {
  static targets = ["badge"];

  initialize() {
    this.threads = new UnreadThreads(document.body.dataset.username);
  }

  followed({ detail: frame }) {
    this.threads.followed(frame);
    this.#show();
  }

  activity({ detail: frame }) {
    this.threads.activity(frame);
    this.#show();
  }

  read({ detail: frame }) {
    this.threads.wasRead(frame);
    this.#show();
  }

  left({ detail: frame }) {
    this.threads.left(frame);
    this.#show();
  }

  #show() {
    const { count } = this.threads;
    this.badgeTarget.hidden = !count;
    this.badgeTarget.textContent = count;
    this.badgeTarget.title = count === 1 ? "1 unread thread" : `${count} unread threads`;
  }
}
