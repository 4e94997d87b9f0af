// Ticks: how far the others have come with my messages, and telling them how far I have come with theirs.
import { Controller } from "@hotwired/stimulus";
import { sent } from "natter/command.js";
import { fill } from "natter/fill.js";
import { ask } from "natter/http.js";
import { Positions } from "natter/positions.js";

const PAUSE = 250;

export default class extends Controller {
  static values = { positions: Array };

  connect() {
    this.positions = new Positions(this.positionsValue);
    this.told = { read: Number(document.body.dataset.readSeq), delivered: 0 };
    this.inView = new Set();
    const root = this.element.querySelector("[role=log]");
    this.observer = new IntersectionObserver((entries) => this.#seen(entries), { root, threshold: [0, 0.6] });
    this.onVisible = () => this.#tell();
    document.addEventListener("visibilitychange", this.onVisible);
    this.element.querySelectorAll(".message").forEach((row) => this.observer.observe(row));
    this.#draw();
  }

  disconnect() {
    this.observer.disconnect();
    document.removeEventListener("visibilitychange", this.onVisible);
    clearTimeout(this.timer);
  }

  move({ detail: { type, user_id, seq } }) {
    this.positions.move(user_id, type, seq);
    this.#draw();
  }

  added({ detail: { row } }) {
    this.observer.observe(row);
    this.#drawOne(row);
    this.#tell();
  }

  // A fresh line may have lost what was told before it.
  connection({ detail: { socket, state } }) {
    if (socket !== "chat" || state !== "live") return;
    this.told.delivered = 0;
    this.#tell();
  }

  #seen(entries) {
    for (const { target, isIntersecting, intersectionRatio, boundingClientRect, rootBounds } of entries) {
      const isTall = isIntersecting && boundingClientRect.bottom <= rootBounds.bottom;
      if (intersectionRatio >= 0.6 || isTall) this.inView.add(target);
      else this.inView.delete(target);
    }
    this.#tell();
  }

  #tell() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const others = [...this.element.querySelectorAll(".message:not([data-seq=''])")];
      this.#advance("delivered", others);
      if (!document.hidden) this.#advance("read", others.filter((row) => this.inView.has(row)));
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
    this.element.querySelectorAll(".message.is-mine").forEach((row) => this.#drawOne(row));
  }

  #drawOne(row) {
    if (!row.classList.contains("is-mine") || !row.dataset.seq) return;
    const state = this.positions.stateOf(Number(row.dataset.seq));
    if (row.dataset.state === state && row.querySelector("use").getAttribute("href") === `#tick-${state}`) return;
    row.dataset.state = state;
    fill(row.querySelector(".ticks"), { mine: true, state });
  }
}
