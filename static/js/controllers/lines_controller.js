// Quiet lines between the messages of a group, and above them what the group is called and looks like by now.
import { Controller } from "@hotwired/stimulus";
import { arrange, messageAfter } from "natter/arrange.js";
import { fromTemplate } from "natter/fill.js";
import { ask } from "natter/http.js";

export default class extends Controller {
  static targets = ["line", "title", "members", "picture"];

  append({ detail: frame }) {
    this.#place(frame);
    if (frame.seq >= Math.max(0, ...this.#rows.map((row) => Number(row.dataset.seq)))) this.#show(frame);
  }

  prepend({ detail: frames }) {
    frames.forEach((frame) => this.#place(frame));
  }

  // Who is out sees what was there, and can write no more.
  connection({ detail: { socket, state } }) {
    if (socket === "chat" && state === "removed") this.element.classList.add("is-closed");
  }

  #place(frame) {
    if (this.#rows.some((row) => Number(row.dataset.seq) === frame.seq)) return;
    const row = fromTemplate(this.lineTarget, frame);
    const before = this.#rows.findLast((other) => Number(other.dataset.seq) < frame.seq);
    if (before) before.after(row);
    else this.#list.prepend(row);
    arrange(messageAfter(row), this.element.querySelector("[data-messages-target=day]"));
    this.dispatch("added", { detail: { row, mine: true } });
  }

  #show({ title, avatar, members }) {
    if (title) this.titleTarget.textContent = title;
    else this.#ask();
    this.membersTarget.textContent = members;
    this.pictureTarget.src = avatar || this.pictureTarget.dataset.without;
  }

  // A group without a title of its own is called after the others in it; small ones are.
  async #ask() {
    const { conversation } = await ask("GET", `/conversations/${document.body.dataset.conversationId}/`).catch(() => ({}));
    if (conversation) this.titleTarget.textContent = conversation.title;
  }

  // What has a place in the log, in its order.
  get #rows() {
    return [...this.#list.querySelectorAll(".quiet-line, .message:not([data-seq=''])")];
  }

  get #list() {
    return this.element.querySelector(".message-list");
  }
}
