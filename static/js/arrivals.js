// Tells senders that their direct messages have reached a page of ours, whichever page is open.
import { ask } from "natter/http.js";

const TOGETHER = 300;

export class Arrivals {
  constructor(body = document.body) {
    this.body = body;
    this.seqs = new Map();
  }

  watch() {
    document.addEventListener("natter:message_arrived", ({ detail }) => this.#arrived(detail));
  }

  // The chat page has a socket of its own to say it on.
  #arrived({ conversation_id: id, seq, username }) {
    const { username: me, conversationId: here } = this.body.dataset;
    if (username === me || id === here) return;
    this.seqs.set(id, Math.max(seq, this.seqs.get(id) ?? 0));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#tell(), TOGETHER);
  }

  // Lost, it is told again with the next message or the next connection.
  #tell() {
    for (const [id, seq] of this.seqs) ask("PUT", `/conversations/${id}/delivered`, { seq }).catch(() => {});
    this.seqs.clear();
  }
}
