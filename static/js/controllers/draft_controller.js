// What one has begun to write is kept on the server, and follows what one writes on another device meanwhile.
import { Controller } from "@hotwired/stimulus";
import { sent } from "natter/command.js";
import { ask } from "natter/http.js";

const PAUSE = 1_000;

export default class extends Controller {
  static targets = ["text"];
  static values = { known: String };

  // `known` is what the server last said it keeps, `told` what it was told since then and has not said yet.
  connect() {
    const { conversationId } = document.body.dataset;
    this.url = `/conversations/${conversationId}/draft`;
    this.key = `natter:draft:${conversationId}`;
    this.known = this.knownValue;
    this.told = [];
    this.#restore();
    if (this.#text !== this.known) this.wrote();
  }

  disconnect() {
    clearTimeout(this.timer);
  }

  // At most one word to the server in a second, however fast one types.
  wrote() {
    this.timer ??= setTimeout(() => this.#keep(), PAUSE);
  }

  // The field is empty now.
  said() {
    this.#keep();
  }

  // The next page may be faster than what the server is told here.
  leave() {
    if (!this.timer) return;
    sessionStorage.setItem(this.key, this.textTarget.value);
    this.#keep({ keepalive: true });
  }

  heard({ detail: { conversation_id, text } }) {
    if (conversation_id !== document.body.dataset.conversationId) return;
    const own = this.told.indexOf(text);
    if (own < 0) return this.#follow(text);
    this.told.splice(0, own + 1);
    this.known = text;
  }

  // What was said while the line was cut is lost.
  async connection({ detail: { socket, state } }) {
    if (socket !== "chat" || state !== "live") return;
    const isAgain = this.wasLive;
    this.wasLive = true;
    if (!isAgain) return;
    this.told = [];
    const { text } = await ask("GET", this.url).catch(() => ({ text: this.known }));
    this.#follow(text);
    if (this.#text !== this.known) this.wrote();
  }

  #keep(options) {
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = this.#text;
    if (text === (this.told.at(-1) ?? this.known) || [...text].length > Number(document.body.dataset.textLength)) return;
    this.told.push(text);
    if (!options && sent(this.element, { type: "draft", text })) return;
    ask("PUT", this.url, { text }, options).catch(() => (this.told = this.told.filter((other) => other !== text)));
  }

  // Unless one writes here too: then the server is told of that soon.
  #follow(text) {
    const isClean = this.#text === this.known;
    this.known = text;
    if (!isClean || text === this.#text) return;
    this.textTarget.value = text;
    this.dispatch("followed");
  }

  #restore() {
    const left = sessionStorage.getItem(this.key);
    sessionStorage.removeItem(this.key);
    if (left === null || left === this.textTarget.value) return;
    this.textTarget.value = left;
    this.dispatch("followed");
  }

  get #text() {
    return this.textTarget.value.trim() ? this.textTarget.value : "";
  }
}
