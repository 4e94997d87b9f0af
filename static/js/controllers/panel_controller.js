// Opens a thread beside the conversation and closes it, each at its own address; what is shown comes from the server.
import { Controller } from "@hotwired/stimulus";
import { say } from "natter/http.js";

const THREAD = /\/threads\/([0-9a-f-]{36})\/?$/;
const HEARD = ["chat_message", "message_edited", "message_deleted", "reaction"];

export default class extends Controller {
  static targets = ["thread"];
  static values = { address: String };

  open({ detail: { row } }) {
    this.#go(`${this.addressValue}threads/${row.dataset.messageId}/`);
  }

  link(event) {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    this.#go(event.currentTarget.getAttribute("href"));
  }

  // Escape that was for something within is not for all of it.
  close(event) {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    history.pushState({}, "", this.addressValue);
    this.#remove();
  }

  // Back and forward.
  follow() {
    const wanted = location.pathname.match(THREAD)?.[1];
    if (!wanted) this.#remove();
    else if (wanted !== this.#shown) this.#show(location.pathname);
  }

  #go(address) {
    if (address.match(THREAD)[1] !== this.#shown) return this.#show(address, () => history.pushState({}, "", address));
    this.threadTarget.querySelector(".chat-text")?.focus();
  }

  // What happens while it is fetched may not be in it: it is said again once the thread is there to hear it.
  async #show(address, then = () => {}) {
    const turn = (this.turn = Symbol(address));
    const heard = [];
    const listen = ({ type, detail }) => heard.push([type, detail]);
    HEARD.forEach((kind) => document.addEventListener(`natter:${kind}`, listen));
    const thread = await this.#fetched(address);
    if (thread && turn === this.turn) {
      then();
      this.threadTargets.forEach((shown) => shown.remove());
      this.element.append(thread);
      await new Promise((resolve) => setTimeout(resolve));
    }
    HEARD.forEach((kind) => document.removeEventListener(`natter:${kind}`, listen));
    if (thread?.isConnected) heard.forEach(([type, detail]) => document.dispatchEvent(new CustomEvent(type, { detail })));
  }

  async #fetched(address) {
    const answer = await fetch(`${address}?panel=1`, { headers: { Accept: "text/html" } }).catch(() => null);
    const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    const thread = page?.getElementById("thread");
    if (!thread) say("This thread could not be opened. Please try again.");
    return thread ? document.importNode(thread, true) : null;
  }

  #remove() {
    this.turn = null;
    const id = this.#shown;
    this.threadTargets.forEach((shown) => shown.remove());
    const row = id && this.element.querySelector(`.chat [data-message-id="${id}"]`);
    (row?.querySelector(".replies:not([hidden])") ?? row?.querySelector(".message-link"))?.focus({ preventScroll: true });
  }

  get #shown() {
    return this.hasThreadTarget ? this.threadTarget.dataset.threadIdValue : null;
  }
}
