// Asks before a form does something that cannot be undone.
import { Controller } from "@hotwired/stimulus";

export default class extends Controller {
  static values = { question: String };

  ask(event) {
    if (window.confirm(this.questionValue)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}
