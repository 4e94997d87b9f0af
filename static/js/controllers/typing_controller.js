// Who is typing, in words. A message from them ends it.
import { Controller } from "@hotwired/stimulus";
import { TypingList } from "natter/typing-list.js";

export default class extends Controller {
  static targets = ["words"];

  connect() {
    this.list = new TypingList((names) => this.#show(names));
  }

  frame({ detail: { username, user_id, is_typing } }) {
    if (user_id === Number(document.body.dataset.userId)) return;
    if (is_typing) this.list.started(username);
    else this.list.stopped(username);
  }

  message({ detail: { username, thread } }) {
    if (!thread) this.list.stopped(username);
  }

  #show(names) {
    if (!names.length) this.wordsTarget.textContent = "";
    else if (names.length === 1) this.wordsTarget.textContent = `${names[0]} is typing`;
    else if (names.length === 2) this.wordsTarget.textContent = `${names.join(" and ")} are typing`;
    else this.wordsTarget.textContent = "Several people are typing";
  }
}
