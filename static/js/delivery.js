// Gets what is in the outbox to the server, each message once: over the socket while it is open, by HTTP while it is not,
// again under the same id until it is confirmed. `wires` are the ways out and what happens on the page:
//   bySocket(command) → whether it went out      byHttp(command) → a promise, rejected with a Problem
//   unanswered()   a sent message was not confirmed in time      changed(entry)   its trouble came or went
import { Backoff } from "natter/backoff.js";

const PATIENCE = 10_000;
const MOST_TRIES = 6;
const AT_ONCE = 50;
const PASSING = new Set(["unavailable", "too_many", "internal", "unreachable"]);

export class Delivery {
  constructor(outbox, wires) {
    Object.assign(this, { outbox, wires });
    this.backoff = new Backoff({ first: 1_000 });
    this.underway = new Set();
  }

  async flush() {
    if (this.flushing) return void (this.again = true);
    this.flushing = true;
    for (const { message, client_id, reply_to, thread, to_all } of this.outbox.waiting) {
      if (this.underway.has(client_id)) continue;
      if (this.underway.size >= AT_ONCE) break;
      const command = { message, client_id, ...(reply_to && { reply_to: reply_to.message_id }), ...(thread && { thread }), ...(to_all && { to_all }) };
      if (this.wires.bySocket({ type: "chat_message", ...command })) this.underway.add(client_id);
      else if (!(await this.#byHttp(command))) break;
    }
    this.flushing = false;
    if (this.underway.size) this.#later(PATIENCE, () => this.wires.unanswered());
    if (!this.again) return;
    this.again = false; // before it begins anew: that may run to this very line at once
    this.flush();
  }

  // A new line: what the old one swallowed is sent again.
  restart() {
    this.underway.clear();
    return this.flush();
  }

  confirmed(clientId) {
    this.backoff.reset();
    this.underway.delete(clientId);
    this.outbox.remove(clientId);
    if (this.underway.size) return;
    clearTimeout(this.timer);
    if (this.outbox.waiting.length) this.flush();
  }

  refused(clientId, { code, message }) {
    this.underway.delete(clientId);
    if (PASSING.has(code) && (code === "unreachable" || this.backoff.tries < MOST_TRIES)) this.#soon();
    else this.mark(clientId, message, code);
  }

  mark(clientId, trouble, code) {
    this.outbox.mark(clientId, trouble, code);
    this.wires.changed(this.outbox.find(clientId));
  }

  end() {
    clearTimeout(this.timer);
  }

  async #byHttp(command) {
    try {
      await this.wires.byHttp(command);
      return true;
    } catch (problem) {
      this.refused(command.client_id, problem);
      return false;
    }
  }

  #soon() {
    this.#later(this.backoff.next() + 500, () => this.flush());
  }

  #later(wait, act) {
    clearTimeout(this.timer);
    this.timer = setTimeout(act, wait);
  }
}
