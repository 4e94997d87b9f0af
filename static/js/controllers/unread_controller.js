// Where one wants to go on reading: when messages are marked as unread, be it on another page, the line "New" goes there.
import { Controller } from "@hotwired/stimulus";
import { placeDivider } from "natter/divider.js";

export default class extends Controller {
  // Not where that is above what is shown here.
  moved({ detail: { conversation_id, number } }) {
    if (conversation_id !== document.body.dataset.conversationId) return;
    const rows = [...this.element.querySelectorAll(".message:not([data-seq=''])")];
    const row = rows.find((one) => Number(one.dataset.number) > number && !one.matches(".is-mine"));
    if (row && (Number(rows[0].dataset.number) <= number + 1)) placeDivider(row);
  }
}
