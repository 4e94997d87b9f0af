// Whether the person of `data-presence-user-id` is there: a dot that says so to screen readers, or words.
import { Controller } from "@hotwired/stimulus";
import { longAgo } from "natter/moments.js";
import { presence } from "natter/presence.js";
import { Ticker } from "natter/ticker.js";

const ticker = new Ticker(20_000);
const WORDS = { online: "Online", away: "Away", offline: "Offline", unknown: "" };

export default class extends Controller {
  static values = { style: { type: String, default: "dot" } };

  connect() {
    this.userId = Number(this.element.dataset.presenceUserId);
    if (!this.userId) return;
    this.learn = (known) => this.#show((this.known = known));
    this.tick = () => this.#show(this.known);
    presence.people.add(this.userId, this.learn);
    if (this.styleValue === "words") ticker.add(this.tick);
  }

  disconnect() {
    if (!this.userId) return;
    presence.people.remove(this.userId, this.learn);
    ticker.remove(this.tick);
  }

  #show({ state, last_seen }) {
    const words = state === "offline" && last_seen ? `Last seen ${longAgo(new Date(last_seen))}` : WORDS[state];
    const text = this.styleValue === "words" ? words : WORDS[state];
    this.element.dataset.state = state;
    this.element.hidden = !text;
    this.element.title = words;
    const place = this.element.querySelector(".visually-hidden") ?? this.element;
    if (place.textContent !== text) place.textContent = text;
  }
}
