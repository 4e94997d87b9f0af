// The badge on "Messages": how many conversations hold something unread.
import { UnreadBadge } from "natter/unread-badge.js";
import { UnreadConversations } from "natter/unread-conversations.js";

export default class extends UnreadBadge {
  static Unread = UnreadConversations;
  static noun = "conversation";
}
