// The options of an open conversation: which of them there are follows how it is kept, on all of one's pages.
import { Controller } from "@hotwired/stimulus";
import { Problem, ask, isLive, say } from "natter/http.js";

const FOR_EVER = "9999";

export default class extends Controller {
  static targets = ["pin", "archive", "mute", "muted", "until"];
  static values = { id: String };

  connect() {
    this.#sayUntil(this.untilTarget.dataset.mutedUntil);
  }

  kept({ detail: { conversation_id, is_pinned, archived_number, muted_until } }) {
    if (conversation_id !== this.idValue) return;
    this.#offer(this.pinTargets, is_pinned);
    this.#offer(this.archiveTargets, archived_number !== null);
    this.#offer(this.muteTargets, Boolean(muted_until));
    this.mutedTarget.hidden = !muted_until;
    this.#sayUntil(muted_until);
  }

  // From the newest message of the others.
  newest(event) {
    event.preventDefault();
    this.close();
    const row = [...document.querySelectorAll(".chat .message:not(.is-mine):not([data-seq=''])")].at(-1);
    if (row) this.unread({ detail: { row } });
  }

  // From one message on.
  async unread({ detail: { row } }) {
    try {
      await ask("PUT", `/conversations/${this.idValue}/unread`, { seq: Number(row.dataset.seq) });
      if (!isLive()) this.#tell(Number(row.dataset.number) - 1);
      say("Marked as unread from here.");
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      say(problem.message);
    }
  }

  close(event) {
    if (!this.element.open) return;
    if (event?.key === "Escape") event.stopPropagation();
    this.element.open = false;
    this.#focusBack();
  }

  left({ relatedTarget }) {
    if (relatedTarget && !this.element.contains(relatedTarget)) this.element.open = false;
  }

  outside({ target }) {
    if (!this.element.contains(target)) this.element.open = false;
  }

  #tell(number) {
    document.dispatchEvent(new CustomEvent("natter:conversation_unread", { detail: { type: "conversation_unread", conversation_id: this.idValue, number } }));
  }

  #offer(forms, isSo) {
    forms.forEach((form) => (form.hidden = (form.dataset.method === "PUT") === isSo));
  }

  #sayUntil(moment) {
    const time = { hour: "2-digit", minute: "2-digit" };
    this.untilTarget.textContent = moment && !moment.startsWith(FOR_EVER) ? ` until ${new Date(moment).toLocaleTimeString([], time)}` : "";
  }

  #focusBack() {
    this.element.querySelector("summary").focus({ preventScroll: true });
  }
}
