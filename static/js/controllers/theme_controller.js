// The choice of colours, kept in this browser; js/theme.js paints it.
import { Controller } from "@hotwired/stimulus";

const KEY = "natter:theme";

export default class extends Controller {
  static targets = ["choice"];

  connect() {
    this.element.hidden = false;
    const chosen = localStorage.getItem(KEY) ?? "auto";
    this.choiceTargets.forEach((choice) => (choice.checked = choice.value === chosen));
  }

  choose({ target }) {
    localStorage.setItem(KEY, target.value);
    document.dispatchEvent(new CustomEvent("natter:theme"));
  }
}
