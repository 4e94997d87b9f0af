// Tells the server how far something has come in a log: only ever further, and again if it may not have arrived.
import { sent } from "natter/command.js";
import { ask } from "natter/http.js";

export class Telling {
  // The command takes the seq besides; where there is no socket the address does. All up to `told` is known.
  constructor(element, command, url, told = 0) {
    Object.assign(this, { element, command, url, told });
  }

  upTo(rows) {
    const seq = Math.max(0, ...rows.map((row) => Number(row.dataset.seq)));
    if (seq <= this.told) return;
    this.told = seq;
    if (sent(this.element, { ...this.command, seq })) return;
    ask("PUT", this.url, { seq }).catch(() => this.again());
  }

  again() {
    this.told = 0;
  }
}
