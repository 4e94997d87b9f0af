// The lines under messages that say how many replies hang on them, and who wrote last.
import { Controller } from "@hotwired/stimulus";
import { fill } from "natter/fill.js";
import { newerReplies, repliesIn, repliesRecord } from "natter/message-record.js";

const FACES = 3;

export default class extends Controller {
  count({ detail: { thread, number, username, sent_at } }) {
    const row = thread && this.element.querySelector(`[data-message-id="${thread}"]`);
    if (!row) return;
    const known = repliesIn(row);
    const usernames = [username, ...(known?.usernames ?? []).filter((other) => other !== username)].slice(0, FACES);
    const replies = newerReplies(known, { count: number, last_at: sent_at, usernames });
    const line = row.querySelector(".replies");
    if (replies !== known) fill(line, { ...repliesRecord(replies), message_id: thread });
  }
}
