// A message that was edited or deleted is drawn anew at its place.
import { Controller } from "@hotwired/stimulus";
import { fill } from "natter/fill.js";
import { recordOf } from "natter/message-record.js";

export default class extends Controller {
  apply({ detail: { message_seq, ...frame } }) {
    const now = { ...frame, type: "chat_message", seq: message_seq };
    const row = document.getElementById(`message-${frame.message_id}`);
    if (row) this.#redraw(row, now);
    else if (this.#belongs(now)) this.dispatch("unseen", { detail: now });
  }

  // Never back: what was fetched may be newer than the frames that are still to come.
  #redraw(row, now) {
    if (row.classList.contains("is-deleted") || (!now.is_deleted && row.dataset.editedAt > now.edited_at)) return;
    const chosen_json = row.querySelector(".reactions").dataset.reactionsChosenValue;
    fill(row, { ...recordOf(now), chosen_json, state: row.dataset.state });
  }

  // What is older than everything here comes with the older messages.
  #belongs({ seq }) {
    const first = this.element.querySelector(".message:not([data-seq=''])");
    return !this.element.querySelector(".chat-older") || seq > Number(first?.dataset.seq);
  }
}
