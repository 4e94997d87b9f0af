// Ticks: how far the others have come with my messages, and telling them how far I have come with theirs.
import { Controller } from "@hotwired/stimulus";
import { sent } from "natter/command.js";
import { fill } from "natter/fill.js";
import { ask } from "natter/http.js";
import { InView } from "natter/in-view.js";
import { Positions } from "natter/positions.js";

const PAUSE = 250;

export default class extends Controller {
  static values = { positions: Array };

  connect() {
    this.positions = new Positions(this.positionsValue);
    this.told = { read: Number(document.body.dataset.readSeq), delivered: 0 };
    this.inView = new InView(this.element.querySelector("[role=log]"), () => this.tell());
    this.#rows.forEach((row) => this.inView.add(row));
    this.#draw();
  }

  disconnect() {
    this.inView.end();
    clearTimeout(this.timer);
  }

  move({ detail: { type, user_id, seq } }) {
    this.positions.move(user_id, type, seq);
    this.#draw();
  }

  // Who writes has read what came before, unless in a thread.
  wrote({ detail: { user_id, seq, thread } }) {
    if (thread || user_id === Number(document.body.dataset.userId)) return;
    ["read", "delivered"].forEach((kind) => this.positions.move(user_id, kind, seq));
    this.#draw();
  }

  added({ detail: { row } }) {
    this.inView.add(row);
    this.#drawOne(row);
    this.tell();
  }

  // What was marked as unread stays so while one looks on, until one has looked away.
  unread({ detail: { conversation_id } }) {
    if (conversation_id !== document.body.dataset.conversationId) return;
    this.isHeld = true;
    this.told.read = 0;
  }

  // A fresh line may have lost what was told over the old one.
  connection({ detail: { socket, state } }) {
    if (socket !== "chat" || state !== "live") return;
    this.told.delivered = 0;
    this.tell();
  }

  // What is on an open page is delivered; what is in view of a visible page is read.
  tell() {
    clearTimeout(this.timer);
    this.isHeld &&= !document.hidden;
    this.timer = setTimeout(() => {
      // Who is out of a group has nothing to tell there any more.
      if (this.element.classList.contains("is-closed")) return;
      this.#advance("delivered", this.#rows);
      if (!document.hidden && !this.isHeld) this.#advance("read", this.#rows.filter((row) => this.inView.has(row)));
    }, PAUSE);
  }

  #advance(type, rows) {
    const seq = Math.max(0, ...rows.map((row) => Number(row.dataset.seq)));
    if (seq <= this.told[type]) return;
    this.told[type] = seq;
    if (sent(this.element, { type, seq })) return;
    ask("PUT", `/conversations/${document.body.dataset.conversationId}/${type}`, { seq }).catch(() => (this.told[type] = 0));
  }

  #draw() {
    this.#rows.forEach((row) => this.#drawOne(row));
  }

  #drawOne(row) {
    if (!row.classList.contains("is-mine") || !row.dataset.seq) return;
    const state = this.positions.stateOf(Number(row.dataset.seq));
    row.dataset.state = state;
    fill(row.querySelector(".ticks"), { mine: true, state });
  }

  // Those that are stored, and so have a place in the log.
  get #rows() {
    return [...this.element.querySelectorAll(".message:not([data-seq=''])")];
  }
}
