// A badge that says how many hold something unread: what is told of them is counted, and the count is drawn.
import { Controller } from "@hotwired/stimulus";

export class UnreadBadge extends Controller {
  static targets = ["badge"];

  // Each of them has a class that counts and a noun.
  initialize() {
    const { Unread } = this.constructor;
    this.unread = new Unread(document.body.dataset.username);
  }

  heard({ detail: frame }) {
    this.unread.heard(frame);
    const { count } = this.unread;
    const { noun } = this.constructor;
    this.badgeTarget.hidden = !count;
    this.badgeTarget.textContent = count;
    this.badgeTarget.title = count === 1 ? `1 unread ${noun}` : `${count} unread ${noun}s`;
  }
}
