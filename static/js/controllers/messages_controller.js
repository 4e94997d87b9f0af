// The messages of a conversation, or of the thread in `thread`: each frame adds one at its place, and takes the place of its pending copy.
import { Controller } from "@hotwired/stimulus";
import { arrange, messageAfter, messageBefore, placeBehind } from "natter/arrange.js";
import { fill, fromTemplate } from "natter/fill.js";
import { pendingRecord, recordOf } from "natter/message-record.js";

export default class extends Controller {
  static targets = ["list", "template", "day", "empty"];
  static values = { thread: String };

  connect() {
    this.me = Number(document.body.dataset.userId);
    this.#rows.forEach((row) => arrange(row, this.dayTarget));
    this.dispatch("ready");
  }

  append({ detail: frame }) {
    if (!this.#isHere(frame)) return;
    const mine = frame.user_id === this.me;
    const pending = mine && frame.client_id ? document.getElementById(frame.client_id) : null;
    if (mine && frame.client_id) this.dispatch("confirmed", { detail: { clientId: frame.client_id } });
    if (this.#shown(frame)) return this.#take(pending);
    const row = pending ? fill(pending, recordOf(frame)) : fromTemplate(this.templateTarget, recordOf(frame));
    this.#place(row, !pending);
  }

  // A message that is on its way: { client_id, message, sent_at, trouble }.
  pend({ detail: entry }) {
    if (!this.#isHere(entry)) return;
    const record = pendingRecord(entry);
    const row = document.getElementById(entry.client_id);
    if (row) return fill(row, record);
    this.#place(fromTemplate(this.templateTarget, record), true);
  }

  drop({ detail: { clientId } }) {
    this.#take(document.getElementById(clientId));
  }

  prepend({ detail: frames }) {
    const rows = frames.filter((frame) => !this.#shown(frame)).map((frame) => fromTemplate(this.templateTarget, recordOf(frame)));
    const first = this.#rows[0];
    this.listTarget.prepend(...rows);
    [...rows, first].forEach((row) => arrange(row, this.dayTarget));
    rows.forEach((row) => this.dispatch("added", { detail: { row, older: true } }));
  }

  #isHere({ thread }) {
    return (thread ?? "") === this.threadValue;
  }

  #shown({ message_id }) {
    return document.getElementById(`message-${message_id}`);
  }

  // By seq; what is still pending stays last.
  #place(row, isNew) {
    const after = row.isConnected ? messageAfter(row) : null;
    const place = this.#rows.findLast((other) => other !== row && Number(other.dataset.seq || Infinity) < Number(row.dataset.seq || Infinity));
    const last = row.dataset.seq ? place : this.#rows.findLast((other) => other !== row);
    if (!row.isConnected || (last && messageBefore(row) !== last)) placeBehind(last, row, this.listTarget);
    row.classList.toggle("is-new", isNew);
    this.emptyTarget.hidden = true;
    [row, messageAfter(row), after].forEach((one) => arrange(one, this.dayTarget));
    this.dispatch("added", { detail: { row, isNew, mine: row.classList.contains("is-mine") } });
  }

  #take(row) {
    if (!row) return;
    const after = messageAfter(row);
    row.remove();
    arrange(after, this.dayTarget);
    this.dispatch("removed");
  }

  get #rows() {
    return [...this.listTarget.querySelectorAll(":scope > .message")];
  }
}
