// Sends what was written, once, whatever happens: kept until a frame confirms it, over the socket or by HTTP without one.
import { Controller } from "@hotwired/stimulus";
import { Backoff } from "natter/backoff.js";
import { sent } from "natter/command.js";
import { Problem, ask } from "natter/http.js";
import { Outbox } from "natter/outbox.js";

const PATIENCE = 10_000;
const PASSING = new Set(["unavailable", "too_many", "internal", "unreachable"]);

export default class extends Controller {
  connect() {
    const { userId, conversationId } = document.body.dataset;
    this.url = `/conversations/${conversationId}/messages`;
    this.outbox = new Outbox(`natter:outbox:${userId}:${conversationId}`);
    this.backoff = new Backoff({ first: 1_000 });
    this.underway = new Set();
    for (const entry of this.outbox.entries) this.dispatch("pending", { detail: entry });
  }

  disconnect() {
    clearTimeout(this.timer);
  }

  send({ detail: { message } }) {
    this.dispatch("pending", { detail: this.outbox.add(message) });
    this.flush();
  }

  // The socket caught up: what the log brought is confirmed, all else is sent again under the same id.
  connection({ detail: { socket, state } }) {
    if (socket !== "chat") return;
    this.underway.clear();
    if (state === "live") this.backoff.reset();
    if (state !== "connecting") this.flush();
  }

  async flush() {
    if (this.flushing) return (this.again = true);
    this.flushing = true;
    for (const entry of this.outbox.waiting) {
      if (this.underway.has(entry.client_id)) continue;
      const command = { message: entry.message, client_id: entry.client_id };
      if (sent(this.element, { type: "chat_message", ...command })) this.underway.add(entry.client_id);
      else if (!(await this.#post(command))) break;
    }
    this.flushing = false;
    if (this.underway.size) this.#later(PATIENCE, () => this.dispatch("unanswered"));
    if (this.again) this.again = void this.flush();
  }

  confirmed({ detail: { clientId } }) {
    this.underway.delete(clientId);
    this.outbox.remove(clientId);
    if (!this.underway.size) clearTimeout(this.timer);
  }

  refused({ detail: { client_id, code, message } }) {
    if (!this.outbox.find(client_id)) return;
    this.underway.delete(client_id);
    if (PASSING.has(code) && this.backoff.tries < 6) return this.#later(this.backoff.next() + 500, () => this.flush());
    this.#mark(client_id, message);
  }

  retry({ target }) {
    this.#mark(target.closest(".message").id, null);
    this.backoff.reset();
    this.flush();
  }

  discard({ target }) {
    const clientId = target.closest(".message").id;
    this.outbox.remove(clientId);
    this.dispatch("discarded", { detail: { clientId } });
  }

  async #post(command) {
    if (!navigator.onLine) return false;
    try {
      const detail = await ask("POST", this.url, command);
      document.dispatchEvent(new CustomEvent("natter:chat_message", { detail }));
      return true;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.status >= 400 && problem.status < 500 && problem.status !== 429) this.#mark(command.client_id, problem.message);
      else this.#later(this.backoff.next() + 1_000, () => this.flush());
      return false;
    }
  }

  #mark(clientId, trouble) {
    this.outbox.mark(clientId, trouble);
    this.dispatch("pending", { detail: this.outbox.find(clientId) });
  }

  #later(wait, act) {
    clearTimeout(this.timer);
    this.timer = setTimeout(act, wait);
  }
}
