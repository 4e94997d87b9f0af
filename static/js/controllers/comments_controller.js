// The comments of a post: each frame adds or takes away one.
import { Controller } from "@hotwired/stimulus";
import { fromTemplate } from "natter/fill.js";
import { isLive } from "natter/http.js";

export default class extends Controller {
  static targets = ["list", "template", "empty"];
  static values = { post: Number };

  append({ detail: { post_id, comment } }) {
    if (post_id === this.postValue) this.#add(comment);
  }

  remove({ detail: { post_id, comment_id } }) {
    if (post_id === this.postValue) this.#drop(document.getElementById(`comment-${comment_id}`));
  }

  // The answer to one's own form: it counts only while no frames arrive.
  appendOwn({ target, detail: { method, answer } }) {
    if (isLive()) return;
    if (method === "POST") this.#add(answer);
    if (method === "DELETE") this.#drop(target.closest(".comment"));
  }

  #add(comment) {
    if (document.getElementById(`comment-${comment.id}`)) return;
    const mine = comment.author.id === Number(document.body.dataset.userId);
    const row = fromTemplate(this.templateTarget, { ...comment, mine });
    const token = row.querySelector("[name=csrf_token]");
    if (token) token.value = document.querySelector("meta[name=csrf-token]").content;
    row.classList.add("is-new");
    this.listTarget.append(row);
    this.emptyTarget.hidden = true;
  }

  #drop(row) {
    row?.remove();
    this.emptyTarget.hidden = this.listTarget.children.length > 0;
  }
}
