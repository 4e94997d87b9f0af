// What fills the row of a message: from its frame, or from the outbox while it is on its way.
const me = () => Number(document.body.dataset.userId);

export function recordOf(frame) {
  const mine = frame.user_id === me();
  return { ...frame, reactions_json: JSON.stringify(frame.reactions ?? []), mine, dom_id: `message-${frame.message_id}`, state: mine ? "sent" : "", trouble: "" };
}

// { client_id, message, sent_at, trouble }
export function pendingRecord({ client_id, message, sent_at, trouble }) {
  const html = Object.assign(document.createElement("p"), { textContent: message.trim() }).innerHTML;
  const { username } = document.body.dataset;
  const user_avatar = document.querySelector(".tool-avatar img").getAttribute("src");
  return { html, username, user_avatar, sent_at, trouble, reactions_json: "[]", mine: true, user_id: me(), dom_id: client_id, seq: "", message_id: "", state: trouble ? "failed" : "sending" };
}
