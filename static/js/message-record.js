// What fills the row of a message: from its frame, or from the outbox while it is on its way.
const me = () => Number(document.body.dataset.userId);

export function recordOf(frame) {
  const mine = frame.user_id === me();
  return { ...frame, ...repliesRecord(frame.replies), quote_place: placeOf(frame.reply_to), reactions_json: JSON.stringify(frame.reactions ?? []), chosen_json: JSON.stringify(frame.chosen ?? []), mine, dom_id: `message-${frame.message_id}`, state: mine ? "sent" : "", trouble: "" };
}

// { client_id, message, sent_at, trouble, reply_to }
export function pendingRecord({ client_id, message, sent_at, trouble, reply_to }) {
  const html = Object.assign(document.createElement("p"), { textContent: message.trim() }).innerHTML;
  const { username } = document.body.dataset;
  const user_avatar = document.querySelector(".tool-avatar img").getAttribute("src");
  return { ...repliesRecord(null), html, reply_to, quote_place: placeOf(reply_to), username, user_avatar, sent_at, trouble, reactions_json: "[]", chosen_json: "[]", mine: true, user_id: me(), dom_id: client_id, seq: "", message_id: "", state: trouble ? "failed" : "sending" };
}

// What fills the line under a message on which a thread hangs: { count, last_at, usernames }, or nothing.
export function repliesRecord(replies) {
  const faces = [0, 1, 2].map((place) => (replies?.usernames[place] ? `/media/avatars/${replies.usernames[place]}.jpg` : ""));
  const words = replies ? `${replies.count} ${replies.count === 1 ? "reply" : "replies"}` : "";
  return { replies, faces, replies_words: words, replies_json: JSON.stringify(replies ?? null) };
}

export function repliesIn(row) {
  return JSON.parse(row.querySelector(".replies").dataset.of || "null");
}

// A thread only grows: of two that were heard of in any order the longer is the newer one.
export function newerReplies(one, other) {
  return (other?.count ?? 0) > (one?.count ?? 0) ? other : one;
}

const placeOf = (quoted) => (quoted ? `?before=${quoted.seq + 1}#message-${quoted.message_id}` : "");
