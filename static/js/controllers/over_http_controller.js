// A small mark while WebSockets are blocked and the page is live over HTTP instead.
import { Controller } from "@hotwired/stimulus";

export default class extends Controller {
  change({ detail: { state, over } }) {
    this.element.hidden = state !== "live" || over !== "http";
  }
}
