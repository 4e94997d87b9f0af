// The line "New", above the first message that one has still to read; it is in one place.
import { arrange, messageAfter } from "natter/arrange.js";

export function placeDivider(row) {
  const chat = row.closest(".chat");
  const days = chat.querySelector("template[data-messages-target=day]");
  removeDivider(chat, days);
  const divider = document.getElementById("unread-divider").content.firstElementChild.cloneNode(true);
  row.before(divider);
  arrange(row, days);
  return divider;
}

function removeDivider(chat, days) {
  const before = chat.querySelector(".unread-divider");
  if (!before) return;
  const row = messageAfter(before);
  before.remove();
  arrange(row, days);
}
