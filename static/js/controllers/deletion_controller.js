// Deleting a message for everyone: one's own, or in a group that of somebody below oneself.
import { Controller } from "@hotwired/stimulus";
import { Problem, ask, isLive, say } from "natter/http.js";

export default class extends Controller {
  async ask({ detail: { row } }) {
    if (!window.confirm("Delete this message for everyone?")) return;
    const url = row.querySelector(".message-link").getAttribute("href");
    try {
      await ask("DELETE", url);
      if (!isLive()) this.#tell((await ask("GET", url)).message);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      say(problem.message);
    }
  }

  #tell(frame) {
    document.dispatchEvent(new CustomEvent("natter:message_deleted", { detail: { ...frame, message_seq: frame.seq } }));
  }
}
