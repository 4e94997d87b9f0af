// What fills the row of a message: from its frame, or from the outbox while it is on its way.
const me = () => Number(document.body.dataset.userId);

export function recordOf(frame) {
  const mine = frame.user_id === me();
  return { ...frame, quote_place: placeOf(frame.reply_to), reactions_json: JSON.stringify(frame.reactions ?? []), chosen_json: JSON.stringify(frame.chosen ?? []), mine, dom_id: `message-${frame.message_id}`, state: mine ? "sent" : "", trouble: "" };
}

// { client_id, message, sent_at, trouble, reply_to }
export function pendingRecord({ client_id, message, sent_at, trouble, reply_to }) {
  const html = Object.assign(document.createElement("p"), { textContent: message.trim() }).innerHTML;
  const { username } = document.body.dataset;
  const user_avatar = document.querySelector(".tool-avatar img").getAttribute("src");
  return { html, reply_to, quote_place: placeOf(reply_to), username, user_avatar, sent_at, trouble, reactions_json: "[]", chosen_json: "[]", mine: true, user_id: me(), dom_id: client_id, seq: "", message_id: "", state: trouble ? "failed" : "sending" };
}

const placeOf = (quoted) => (quoted ? `?before=${quoted.seq + 1}#message-${quoted.message_id}` : "");
