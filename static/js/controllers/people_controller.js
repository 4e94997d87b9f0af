// Whom a new conversation is with: names become chips as they are picked.
import { Controller } from "@hotwired/stimulus";
import { fromTemplate } from "natter/fill.js";
import { Suggestions } from "natter/suggestions.js";

export default class extends Controller {
  static targets = ["input", "chips", "list", "chip", "title"];

  connect() {
    const template = document.getElementById("suggestion-template");
    this.suggestions = new Suggestions(this.inputTarget, this.listTarget, template, ({ username }) => this.#add(username));
    this.inputTarget.setAttribute("aria-controls", this.listTarget.id);
    this.inputTarget.setAttribute("aria-autocomplete", "list");
    this.#takeTyped();
    if (location.hash === "#new") this.element.closest("details").open = true;
  }

  search() {
    if (/[,\s]$/.test(this.inputTarget.value)) return this.#takeTyped();
    this.suggestions.search(this.inputTarget.value.trim().replace(/^@/, ""));
  }

  steer(event) {
    if (this.suggestions.steer(event)) return;
    if (event.key === "Backspace" && !this.inputTarget.value) this.chipsTarget.lastElementChild?.remove();
    this.#showTitle();
  }

  dismiss() {
    this.suggestions.close();
  }

  drop({ target }) {
    target.closest(".chip").remove();
    this.#showTitle();
    this.inputTarget.focus();
  }

  submit() {
    this.#takeTyped();
    this.inputTarget.disabled = this.chipsTarget.children.length > 0;
    setTimeout(() => (this.inputTarget.disabled = false));
  }

  #takeTyped() {
    this.inputTarget.value.split(/[,\s]+/).filter(Boolean).forEach((name) => this.#add(name.replace(/^@/, "").toLowerCase()));
    this.#showTitle();
  }

  #add(username) {
    this.inputTarget.value = "";
    const taken = [...this.chipsTarget.querySelectorAll("input")].some((input) => input.value === username);
    if (!taken) this.chipsTarget.append(fromTemplate(this.chipTarget, { username }));
    this.inputTarget.required = false;
    this.#showTitle();
  }

  #showTitle() {
    if (this.hasTitleTarget) this.titleTarget.hidden = this.chipsTarget.children.length < 2;
  }
}
