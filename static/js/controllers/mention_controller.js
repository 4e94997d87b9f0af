// Completes @names in a text field.
import { Controller } from "@hotwired/stimulus";
import { Suggestions } from "natter/suggestions.js";

const BEGUN = /(?:^|[^\w@])@([a-z0-9_]{1,30})$/i;

export default class extends Controller {
  static targets = ["text"];

  textTargetConnected(text) {
    const list = Object.assign(document.createElement("ul"), { className: "suggestions", id: `${text.id}-people`, hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "People");
    text.after(list);
    text.setAttribute("aria-controls", list.id);
    text.setAttribute("aria-autocomplete", "list");
    const template = document.getElementById("suggestion-template");
    this.suggestions = new Suggestions(text, list, template, ({ username }) => this.#complete(username));
  }

  suggest() {
    this.suggestions.search(this.#before.match(BEGUN)?.[1]);
  }

  steer(event) {
    this.suggestions.steer(event);
  }

  dismiss() {
    this.suggestions.close();
  }

  get #before() {
    return this.textTarget.value.slice(0, this.textTarget.selectionStart);
  }

  #complete(username) {
    const end = this.textTarget.selectionStart;
    const start = this.#before.lastIndexOf("@");
    this.textTarget.setRangeText(`@${username} `, start, end, "end");
  }
}
