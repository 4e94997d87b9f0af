// A <time> in the reader's own zone and words, kept current.
import { Controller } from "@hotwired/stimulus";
import { ago, clock, dayInWords, month } from "natter/moments.js";
import { Ticker } from "natter/ticker.js";

const ticker = new Ticker(20_000);

export default class extends Controller {
  static values = { style: { type: String, default: "ago" } };

  connect() {
    this.show = () => this.#show();
    this.changed = new MutationObserver(this.show);
    this.changed.observe(this.element, { attributeFilter: ["datetime"] });
    ticker.add(this.show);
    this.show();
  }

  disconnect() {
    this.changed.disconnect();
    ticker.remove(this.show);
  }

  #show() {
    const { dateTime } = this.element;
    if (!dateTime) return;
    const words = this.styleValue === "day" ? dayInWords(dateTime) : { ago, clock, month }[this.styleValue](new Date(dateTime));
    if (this.element.textContent !== words) this.element.textContent = words;
    if (this.styleValue !== "day") this.element.title = new Date(dateTime).toLocaleString();
  }
}
