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
      const answer = await ask(liking ? "PUT" : "DELETE", this.element.action);
      this.#show(answer.liked);
      if (!isLive()) document.dispatchEvent(new CustomEvent("natter:post_changed", { detail: answer }));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.#show(!liking);
      say(problem.message);
    } finally {
      this.busy = false;
    }
  }

  #show(liked) {
    this.buttonTarget.setAttribute("aria-pressed", liked);
    this.methodTarget.value = liked ? "DELETE" : "PUT";
  }
}
