// Browser notifications: asks on a click only, and says in words where things stand.
import { Controller } from "@hotwired/stimulus";
import { BrowserNotifications } from "natter/browser-notifications.js";

const WORDS = {
  default: "",
  granted: "Browser notifications are on. They show while no Natter tab is visible.",
  denied: "Browser notifications are blocked. Allow them for this site in the browser’s settings.",
  unsupported: "This browser cannot show notifications for this site.",
};

export default class extends Controller {
  static targets = ["button", "words"];

  connect() {
    this.element.hidden = false;
    this.#show();
  }

  async ask() {
    await BrowserNotifications.ask();
    this.#show();
    this.dispatch("changed");
  }

  #show() {
    const permission = BrowserNotifications.permission;
    this.buttonTarget.hidden = permission !== "default";
    this.wordsTarget.textContent = WORDS[permission];
  }
}
