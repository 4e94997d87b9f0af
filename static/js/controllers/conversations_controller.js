// The list of conversations: each row follows its frames, the newest stands on top.
import { Controller } from "@hotwired/stimulus";
import { fill, fromTemplate } from "natter/fill.js";
import { ask } from "natter/http.js";

const LEEWAY = 60_000;
// Everybody who has such a row asks at the same moment.
const SPREAD = 1_000;
const DRAFT_LENGTH = 120;
// Something new brings it back, unless it is muted.
const isArchived = ({ archived_number, last_number, muted_until }) =>
  ![null, ""].includes(archived_number) && (Number(last_number) <= Number(archived_number) || (muted_until ?? "") > new Date().toISOString());

export default class extends Controller {
  static targets = ["list", "template", "empty"];

  connect() {
    this.asking = new Map();
    this.since = new Date(Date.now() - LEEWAY).toISOString();
    this.#showEmpty();
  }

  // What is not in the list belongs further down, or is not shown here, unless something was said in it just now.
  activity({ detail: frame }) {
    const row = this.#row(frame.conversation_id);
    if (!row) return frame.sent_at > this.since ? this.#fetch(frame.conversation_id) : undefined;
    const last = Number(row.dataset.lastNumber);
    if (frame.last_number < last) return;
    const mine = frame.username === document.body.dataset.username;
    const isNew = frame.last_number > last;
    const read = mine && isNew ? frame.last_number : last - Number(row.dataset.unread);
    const by = mine ? "You: " : row.dataset.group === "true" ? `${frame.username}: ` : "";
    this.#show(row, { by, preview: frame.preview, sent_at: frame.sent_at, last_number: frame.last_number, unread: frame.last_number - read });
  }

  // `marks` is how often it had been marked as unread before: of less often there is nothing to learn any more.
  read({ detail: { type, conversation_id, number, marks = 0 } }) {
    const row = this.#row(conversation_id);
    if (!row || marks < Number(row.dataset.marks ?? 0)) return;
    const isAgain = type === "conversation_unread" || marks > Number(row.dataset.marks ?? 0);
    row.dataset.marks = marks;
    const unread = Math.max(0, Number(row.dataset.lastNumber) - number);
    this.#show(row, { unread: isAgain ? unread : Math.min(Number(row.dataset.unread), unread) });
  }

  kept({ detail: { conversation_id, is_pinned, archived_number, muted_until } }) {
    const row = this.#row(conversation_id);
    if (!row) return archived_number === null && !muted_until ? this.#fetch(conversation_id) : undefined;
    this.#show(row, { is_pinned, archived_number, muted_until });
    this.#place(row);
  }

  joined({ detail }) {
    if (!this.#row(detail.conversation_id)) this.#fetch(detail.conversation_id);
  }

  left({ detail }) {
    this.#row(detail.conversation_id)?.remove();
    this.#showEmpty();
  }

  changed({ detail: { conversation_id, title, avatar } }) {
    const row = this.#row(conversation_id);
    this.asking.delete(conversation_id);
    if (row && title) this.#show(row, { title, avatar: avatar || this.#groupFace });
    else if (row) this.#askTitle(conversation_id);
  }

  // Without a title of its own it is called after the others in it. Whatever is heard meanwhile is newer.
  async #askTitle(id) {
    const turn = {};
    this.asking.set(id, turn);
    await new Promise((done) => setTimeout(done, Math.random() * SPREAD));
    const { conversation } = await ask("GET", `/conversations/${id}/`).catch(() => ({}));
    const row = this.#row(id);
    if (conversation && row && this.asking.get(id) === turn) this.#show(row, { title: conversation.title });
  }

  drafted({ detail: { conversation_id, text } }) {
    const row = this.#row(conversation_id);
    if (row) this.#show(row, { draft: [...text.trim().replace(/\s+/g, " ")].slice(0, DRAFT_LENGTH).join("") });
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
    this.#place(row);
    this.#showEmpty();
  }

  #show(row, changes) {
    const kept = this.#record(row);
    const now = { ...kept, ...changes };
    fill(row, { ...now, is_archived: isArchived(now) });
    if (changes.sent_at) this.#place(row);
    this.#showEmpty();
  }

  // Some rows are not of the kind that this list shows.
  #showEmpty() {
    this.emptyTarget.hidden = [...this.listTarget.children].some((row) => getComputedStyle(row).display !== "none");
  }

  // What a row shows, read back from it: the markup is the state.
  #record(row) {
    const text = (slot) => row.querySelector(`[data-slot=${slot}]`).textContent;
    const { conversation, lastNumber, unread, sentAt, group, pinned, archivedNumber, mutedUntil } = row.dataset;
    const user_id = row.querySelector("[data-presence-user-id]").dataset.presenceUserId;
    const avatar = row.querySelector("img").getAttribute("src");
    return { id: conversation, last_number: lastNumber, unread: Number(unread), sent_at: sentAt, is_group: group, is_pinned: pinned === "true", archived_number: archivedNumber, muted_until: mutedUntil, user_id, avatar, title: text("title"), by: text("by"), preview: text("preview"), draft: text("draft") };
  }

  // The pinned ones first, then newest first. A row that stays where it is is not touched, so that it keeps the focus.
  #place(row) {
    const order = ({ dataset: { pinned, sentAt } }) => `${pinned === "true"}${sentAt}`;
    const next = [...this.listTarget.children].find((other) => other !== row && order(other) < order(row)) ?? null;
    if (!row.isConnected || row.nextElementSibling !== next) this.listTarget.insertBefore(row, next);
  }

  #row(id) {
    return document.getElementById(`conversation-${id}`);
  }

  get #groupFace() {
    return this.templateTarget.content.querySelector("img").getAttribute("src");
  }
}
