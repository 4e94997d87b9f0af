// Completes @names in a text field; in a conversation those of its members, and in a group everyone at once.
import { Controller } from "@hotwired/stimulus";
import { Suggestions } from "natter/suggestions.js";

const BEGUN = /(?:^|[^\w@])@([a-z0-9_]{0,30})$/i;

export default class extends Controller {
  static targets = ["text"];
  static values = { url: { type: String, default: "/users" }, least: { type: Number, default: 1 }, everyone: Object };

  textTargetConnected(text) {
    const list = Object.assign(document.createElement("ul"), { className: "suggestions", id: `${text.id}-people`, hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "People");
    text.after(list);
    text.setAttribute("aria-controls", list.id);
    text.setAttribute("aria-autocomplete", "list");
    const template = document.getElementById("suggestion-template");
    const source = { url: this.urlValue, least: this.leastValue, more: (begun) => this.#everyone(begun) };
    this.suggestions = new Suggestions(text, list, template, ({ username }) => this.#complete(username), source);
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

  #everyone(begun) {
    const { username } = this.everyoneValue;
    return username?.startsWith(begun.toLowerCase()) ? [this.everyoneValue] : [];
  }

  #complete(username) {
    const end = this.textTarget.selectionStart;
    const start = this.#before.lastIndexOf("@");
    this.textTarget.setRangeText(`@${username} `, start, end, "end");
    this.textTarget.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
