// Ticks: how far the others have come with my messages, and telling them how far I have come with theirs.
import { Controller } from "@hotwired/stimulus";
import { fill } from "natter/fill.js";
import { InView } from "natter/in-view.js";
import { Positions } from "natter/positions.js";
import { Telling } from "natter/telling.js";

const PAUSE = 250;

export default class extends Controller {
  static values = { positions: Array };

  connect() {
    this.positions = new Positions(this.positionsValue);
    const { conversationId, readSeq } = document.body.dataset;
    const place = `/conversations/${conversationId}/`;
    this.read = new Telling(this.element, { type: "read" }, `${place}read`, Number(readSeq));
    this.delivered = new Telling(this.element, { type: "delivered" }, `${place}delivered`);
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
    this.read.again();
  }

  // A fresh line may have lost what was told over the old one.
  connection({ detail: { socket, state } }) {
    if (socket !== "chat" || state !== "live") return;
    this.delivered.again();
    this.tell();
  }

  // What is on an open page is delivered; what is in view of a visible page is read.
  tell() {
    clearTimeout(this.timer);
    this.isHeld &&= !document.hidden;
    this.timer = setTimeout(() => {
      // Who is out of a group has nothing to tell there any more.
      if (this.element.classList.contains("is-closed")) return;
      this.delivered.upTo(this.#rows);
      if (!document.hidden && !this.isHeld) this.read.upTo(this.#rows.filter((row) => this.inView.has(row)));
    }, PAUSE);
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
