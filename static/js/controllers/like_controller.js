// The heart: filled at once, taken back when the server says no. The count comes with the frame.
import { Controller } from "@hotwired/stimulus";
import { Problem, ask, isLive, say } from "natter/http.js";

export default class extends Controller {
  static targets = ["button", "method"];

  async change(event) {
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    const liking = this.methodTarget.value === "PUT";
    this.#show(liking);
    try {
      await ask(liking ? "PUT" : "DELETE", this.element.action);
      if (!isLive()) await this.#count();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.#show(!liking);
      say(problem.message);
    } finally {
      this.busy = false;
    }
  }

  // No frame will bring the count: it is asked for.
  async #count() {
    const { id, likes, comments, seq } = await ask("GET", new URL("./", this.element.action));
    document.dispatchEvent(new CustomEvent("natter:post_changed", { detail: { post_id: id, likes, comments, seq } }));
  }

  #show(liked) {
    this.buttonTarget.setAttribute("aria-pressed", liked);
    this.methodTarget.value = liked ? "DELETE" : "PUT";
  }
}
