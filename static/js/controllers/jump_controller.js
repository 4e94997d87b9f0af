// Going to a message: from a quote, or by the page's address. What is older is fetched on the way.
import { Controller } from "@hotwired/stimulus";
import { say } from "natter/http.js";

const PAGES_AT_MOST = 20;
const SHOWN = 1_600;

export default class extends Controller {
  connect() {
    // Beside a thread the address is about that.
    if (this.element.matches(".chat") && document.getElementById("thread")) return;
    // After the scroller has been to the end.
    if (location.hash.startsWith("#message-")) requestAnimationFrame(() => this.#to(location.hash.slice(1)));
  }

  go(event) {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    this.#to(event.currentTarget.hash.slice(1));
  }

  async #to(id) {
    const row = await this.#found(id);
    if (!row) return say("That message is far up: it was not found.");
    row.scrollIntoView({ block: "center" });
    row.querySelector(".message-link").focus({ preventScroll: true });
    row.classList.add("is-sought");
    setTimeout(() => row.classList.remove("is-sought"), SHOWN);
  }

  async #found(id) {
    const history = this.application.getControllerForElementAndIdentifier(this.element, "history");
    for (let pages = 0; pages < PAGES_AT_MOST && !document.getElementById(id) && history.hasOlderTarget; pages += 1) {
      await history.load();
    }
    return document.getElementById(id);
  }
}
