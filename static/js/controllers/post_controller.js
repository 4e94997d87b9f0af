// A post on the page follows its own frames. Its seq says which it has seen, also to the next `watch`.
import { Controller } from "@hotwired/stimulus";

export default class extends Controller {
  static targets = ["likes", "comments"];
  static values = { id: Number, seq: Number };

  connect() {
    document.dispatchEvent(new CustomEvent("natter:watch"));
  }

  disconnect() {
    document.dispatchEvent(new CustomEvent("natter:watch"));
  }

  count({ detail: { post_id, seq, likes, comments } }) {
    if (post_id !== this.idValue || seq <= this.seqValue) return;
    if (seq) this.seqValue = seq;
    this.likesTarget.textContent = likes;
    this.commentsTarget.textContent = comments;
  }

  remove({ detail: { post_id } }) {
    if (post_id !== this.idValue) return;
    if (!location.pathname.startsWith("/post/")) return this.element.remove();
    this.element.classList.add("is-gone");
    this.element.querySelector(".prose").textContent = "This post was deleted.";
    this.element.querySelector(".post-actions").remove();
  }
}
