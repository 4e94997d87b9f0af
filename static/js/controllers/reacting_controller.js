// Putting emoji on messages and taking them back; frames say how each message is after that.
import { Controller } from "@hotwired/stimulus";
import { Problem, ask, isLive, say } from "natter/http.js";

export default class extends Controller {
  apply({ detail: { message_id, ...reaction } }) {
    const list = document.querySelector(`#message-${message_id} .reactions`);
    if (list) this.application.getControllerForElementAndIdentifier(list, "reactions")?.set(reaction);
  }

  // A pill was pressed: mine goes, another's becomes mine too.
  toggle(event) {
    if (event.target.id !== "reaction-form") return;
    event.preventDefault();
    const { value, formAction } = event.submitter;
    this.#send(value, new URL(formAction).pathname);
  }

  quickly({ detail: { row, emoji } }) {
    const pill = [...row.querySelectorAll(".reaction")].find((one) => one.querySelector(".emoji").textContent === emoji);
    this.#send(pill?.value ?? "PUT", this.#address(row, emoji));
  }

  add({ detail: { row, emoji } }) {
    this.#send("PUT", this.#address(row, emoji));
  }

  #address(row, emoji) {
    return `${row.querySelector(".message-link").getAttribute("href")}reactions/${encodeURIComponent(emoji)}`;
  }

  async #send(method, address) {
    try {
      await ask(method, address);
      if (!isLive()) await this.#refresh(address);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      say(problem.fields.emoji ?? problem.message);
    }
  }

  async #refresh(address) {
    const { message, chosen = [] } = await ask("GET", address.replace(/reactions\/[^/]*$/, ""));
    const list = document.querySelector(`#message-${message.message_id} .reactions`);
    list.dataset.reactionsChosenValue = JSON.stringify(chosen);
    list.dataset.reactionsOfValue = JSON.stringify(message.reactions ?? []);
  }
}
