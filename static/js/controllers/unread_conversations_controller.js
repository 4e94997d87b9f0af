// The badge on "Messages": how many conversations hold something unread.
import { Controller } from "@hotwired/stimulus";
import { UnreadConversations } from "natter/unread-conversations.js";

export default class extends Controller {
  static targets = ["badge"];

  initialize() {
    this.conversations = new UnreadConversations(document.body.dataset.username);
  }

  activity({ detail: frame }) {
    this.conversations.activity(frame);
    this.#show();
  }

  read({ detail: frame }) {
    this.conversations.wasRead(frame);
    this.#show();
  }

  kept({ detail: frame }) {
    this.conversations.kept(frame);
    this.#show();
  }

  #show() {
    const { count } = this.conversations;
    this.badgeTarget.hidden = !count;
    this.badgeTarget.textContent = count;
    this.badgeTarget.title = count === 1 ? "1 unread conversation" : `${count} unread conversations`;
  }
}
