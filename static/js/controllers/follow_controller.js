// Following and not following, without leaving the page.
import { Controller } from "@hotwired/stimulus";
import { Problem, ask, say } from "natter/http.js";

export default class extends Controller {
  static targets = ["button", "method"];
  static values = { counter: String };

  async change(event) {
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    try {
      const following = this.methodTarget.value === "PUT";
      await ask(this.methodTarget.value, this.element.action);
      this.#show(following);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      say(problem.message);
    } finally {
      this.busy = false;
    }
  }

  #show(following) {
    this.buttonTarget.setAttribute("aria-pressed", following);
    this.methodTarget.value = following ? "DELETE" : "PUT";
    const counter = document.getElementById(this.counterValue);
    if (counter) counter.textContent = Number(counter.textContent) + (following ? 1 : -1);
  }
}
