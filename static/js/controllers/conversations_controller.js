// The list of conversations: each row follows its frames, the newest stands on top.
import { Controller } from "@hotwired/stimulus";
import { fill, fromTemplate } from "natter/fill.js";
import { ask } from "natter/http.js";

export default class extends Controller {
  static targets = ["list", "template", "empty"];

  activity({ detail: frame }) {
    const row = this.#row(frame.conversation_id);
    if (!row) return this.#fetch(frame.conversation_id);
    const last = Number(row.dataset.lastNumber);
    if (frame.last_number < last) return;
    const mine = frame.username === document.body.dataset.username;
    const read = mine ? frame.last_number : last - Number(row.dataset.unread);
    const by = mine ? "You: " : row.dataset.group === "true" ? `${frame.username}: ` : "";
    this.#show(row, { by, preview: frame.preview, sent_at: frame.sent_at, last_number: frame.last_number, unread: frame.last_number - read });
  }

  read({ detail: { conversation_id, number } }) {
    const row = this.#row(conversation_id);
    if (!row) return;
    this.#show(row, { unread: Math.min(Number(row.dataset.unread), Math.max(0, Number(row.dataset.lastNumber) - number)) });
  }

  joined({ detail }) {
    if (!this.#row(detail.conversation_id)) this.#fetch(detail.conversation_id);
  }

  left({ detail }) {
    this.#row(detail.conversation_id)?.remove();
    this.emptyTarget.hidden = this.listTarget.children.length > 0;
  }

  changed({ detail: { conversation_id, title, avatar } }) {
    const row = this.#row(conversation_id);
    if (row) this.#show(row, { title, avatar: avatar || this.#groupFace });
  }

  // What they said to me is hidden; what I said to them is not.
  blocked({ detail: { user_id } }) {
    const seat = this.listTarget.querySelector(`[data-presence-user-id="${user_id}"]`);
    const row = seat?.closest(".conversation");
    if (row) this.#show(row, this.#record(row).by === "You: " ? { unread: 0 } : { unread: 0, preview: "" });
  }

  async #fetch(id) {
    const { conversation } = await ask("GET", `/conversations/${id}/`).catch(() => ({}));
    if (!conversation || this.#row(id)) return;
    const mine = conversation.preview_username === document.body.dataset.username;
    const by = mine ? "You: " : conversation.is_group && conversation.preview_username ? `${conversation.preview_username}: ` : "";
    const row = fromTemplate(this.templateTarget, { ...conversation, by, avatar: conversation.avatar || this.#groupFace });
    this.emptyTarget.hidden = true;
    this.#place(row);
  }

  #show(row, changes) {
    const kept = this.#record(row);
    fill(row, { ...kept, ...changes });
    if (changes.sent_at) this.#place(row);
  }

  // What a row shows, read back from it: the markup is the state.
  #record(row) {
    const text = (slot) => row.querySelector(`[data-slot=${slot}]`).textContent;
    const { conversation, lastNumber, unread, sentAt, group } = row.dataset;
    const user_id = row.querySelector("[data-presence-user-id]").dataset.presenceUserId;
    const avatar = row.querySelector("img").getAttribute("src");
    return { id: conversation, last_number: lastNumber, unread: Number(unread), sent_at: sentAt, is_group: group, user_id, avatar, title: text("title"), by: text("by"), preview: text("preview") };
  }

  // Newest first. A row that stays where it is is not touched, so that it keeps the focus.
  #place(row) {
    const next = [...this.listTarget.children].find((other) => other !== row && other.dataset.sentAt < row.dataset.sentAt) ?? null;
    if (!row.isConnected || row.nextElementSibling !== next) this.listTarget.insertBefore(row, next);
  }

  #row(id) {
    return document.getElementById(`conversation-${id}`);
  }

  get #groupFace() {
    return this.templateTarget.content.querySelector("img").getAttribute("src");
  }
}
