// What was written is kept until a frame confirms it, over reloads too; the pending copies show where each one stands.
import { Controller } from "@hotwired/stimulus";
import { sent } from "natter/command.js";
import { Delivery } from "natter/delivery.js";
import { ask } from "natter/http.js";
import { Outbox } from "natter/outbox.js";

const ASKED = "confirm_all";

export default class extends Controller {
  connect() {
    const { userId, conversationId } = document.body.dataset;
    this.url = `/conversations/${conversationId}/messages`;
    this.outbox = new Outbox(`natter:outbox:${userId}:${conversationId}`);
    this.delivery = new Delivery(this.outbox, {
      bySocket: (command) => sent(this.element, command),
      byHttp: (command) => this.#post(command),
      unanswered: () => this.dispatch("unanswered"),
      changed: (entry) => this.#show(entry),
    });
    this.show();
  }

  disconnect() {
    this.delivery.end();
  }

  // Whoever shows messages may have come later.
  show() {
    for (const entry of this.outbox.entries) this.#show(entry);
  }

  send({ detail: { message, reply_to, thread } }) {
    this.dispatch("pending", { detail: this.outbox.add(message, reply_to, thread) });
    this.delivery.flush();
  }

  // Once the socket has caught up, what the log brought is confirmed; all else goes out again.
  connection({ detail: { socket, state } }) {
    if (socket === "chat" && state !== "connecting") this.delivery.restart();
  }

  confirmed({ detail: { clientId } }) {
    this.delivery.confirmed(clientId);
  }

  refused({ detail: { client_id, ...problem } }) {
    if (this.outbox.find(client_id)) this.delivery.refused(client_id, problem);
  }

  retry({ target }) {
    const { id } = target.closest(".message");
    if (this.outbox.find(id)?.code === ASKED) this.outbox.confirm(id);
    this.delivery.mark(id, null);
    this.delivery.flush();
  }

  discard({ target }) {
    const clientId = target.closest(".message").id;
    this.outbox.remove(clientId);
    this.dispatch("discarded", { detail: { clientId } });
  }

  #show(entry) {
    this.dispatch("pending", { detail: entry });
    const again = document.getElementById(entry.client_id)?.querySelector(".message-again");
    if (again) again.textContent = entry.code === ASKED ? "Tell everyone" : "Try again";
  }

  // The answer is the message's own frame.
  async #post(command) {
    const detail = await ask("POST", this.url, command);
    document.dispatchEvent(new CustomEvent("natter:chat_message", { detail }));
  }
}
