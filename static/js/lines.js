// How the sockets of a page reach the server: by WebSockets or, once those have proved to be blocked, over one event
// stream. The next page of this tab knows it too; a WebSocket is tried again every minute or so, and on waking up.
import { EventStream } from "natter/event-stream.js";
import { SocketLine } from "natter/socket-line.js";

const KEY = "natter:sockets-blocked-until";
const TRIES = 2;
const AGAIN = 60_000;
const LEEWAY = 20_000; // for the trial itself

class Lines {
  constructor() {
    this.refusals = new Map();
    this.stream = new EventStream();
    if (this.#blocked) this.#tryAgainIn(this.#blockedUntil - Date.now() - LEEWAY);
  }

  // `place()` is {after, epoch} as far as the socket knows them now.
  open(path, place) {
    return this.#blocked ? this.stream.line(path, place) : new SocketLine(path, place());
  }

  // The line has said something.
  greeted(line) {
    this.refusals.delete(line.path);
    if (line.over === "socket") this.proof = line;
    else if (this.doubtful) this.tryAgain();
    this.doubtful = false;
  }

  // The line has ended without a word. That says nothing about WebSockets while another one works, or nothing does.
  refused({ path, over }) {
    if (!navigator.onLine || this.proof?.isOpen) return;
    if (over === "http") return this.#unblock();
    const refusals = (this.refusals.get(path) ?? 0) + 1;
    this.refusals.set(path, refusals);
    if (refusals < TRIES) return;
    // Perhaps nothing at all came through: once something does, sockets are tried again at once.
    this.doubtful = true;
    this.#block();
  }

  tryAgain() {
    if (!this.#blocked || this.trial) return;
    this.trial = new SocketLine("/ws/notifications/");
    this.trial.onframe = () => this.#tried(() => this.#unblock());
    this.trial.onclose = () => this.#tried(() => this.#block());
  }

  #tried(then) {
    this.trial.close();
    this.trial = null;
    then();
  }

  #block() {
    const pause = AGAIN * (0.5 + Math.random());
    sessionStorage.setItem(KEY, Date.now() + pause + LEEWAY);
    this.#tryAgainIn(pause);
  }

  #unblock() {
    clearTimeout(this.timer);
    this.refusals.clear();
    sessionStorage.removeItem(KEY);
    this.stream.move();
  }

  #tryAgainIn(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tryAgain(), Math.max(0, pause));
  }

  get #blocked() {
    return Date.now() < this.#blockedUntil;
  }

  get #blockedUntil() {
    return Number(sessionStorage.getItem(KEY));
  }
}

export const lines = new Lines();
