// The badge on "Threads": how many of those one follows hold something unread.
import { UnreadBadge } from "natter/unread-badge.js";
import { UnreadThreads } from "natter/unread-threads.js";

export default class extends UnreadBadge {
  static Unread = UnreadThreads;
  static noun = "thread";
}
