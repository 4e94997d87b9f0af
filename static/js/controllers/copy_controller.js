// Copies a text that stands in a field.
import { Controller } from "@hotwired/stimulus";
import { say } from "natter/http.js";

export default class extends Controller {
  static targets = ["text", "button"];

  connect() {
    this.buttonTarget.hidden = false;
  }

  async copy() {
    this.textTarget.select();
    // Only a page that came over HTTPS may write to the clipboard; what is selected can be copied by hand.
    try {
      await navigator.clipboard.writeText(this.textTarget.value);
      say("Copied.");
    } catch {
      say("Selected. Copy it with your keyboard.");
    }
  }
}
