// Says how live the page is. Quiet while it is, and for the first moments of a break: most heal at once.
import { Controller } from "@hotwired/stimulus";

const PATIENCE = 1_500;
const AT_ONCE = new Set(["signed-out", "removed", "stale", "waiting"]);
const WORDS = {
  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  offline: "Offline – messages are kept and sent when you are back",
  waiting: "Too much at once: trying again in 30 seconds",
  "not-live": ["Not live, still trying.", "Reload", () => location.href],
  stale: ["Not live.", "Reload", () => location.href],
  "signed-out": ["You are signed out.", "Log in", () => `/login?next=${encodeURIComponent(location.pathname)}`],
  removed: ["You are not in this conversation any more.", "All messages", () => "/conversations/"],
};
const WORST_FIRST = ["signed-out", "removed", "stale", "waiting", "offline", "not-live", "reconnecting", "connecting"];

export default class extends Controller {
  static targets = ["words"];

  initialize() {
    this.states = new Map();
  }

  disconnect() {
    clearTimeout(this.timer);
  }

  change({ detail: { socket, state } }) {
    this.states.set(socket, state);
    const worst = WORST_FIRST.find((one) => [...this.states.values()].includes(one));
    if (worst === this.worst) return;
    this.worst = worst;
    clearTimeout(this.timer);
    if (!worst || AT_ONCE.has(worst) || !this.wordsTarget.hidden) this.#show(worst);
    else this.timer = setTimeout(() => this.#show(worst), PATIENCE);
  }

  #show(state) {
    this.wordsTarget.hidden = !state;
    if (!state) return this.wordsTarget.replaceChildren();
    this.wordsTarget.dataset.state = state;
    const [text, link, address] = [WORDS[state]].flat();
    this.wordsTarget.textContent = text;
    if (!link) return;
    const anchor = Object.assign(document.createElement("a"), { href: address(), textContent: link });
    this.wordsTarget.append(" ", anchor);
  }
}
