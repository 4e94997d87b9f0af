// One socket: it resumes after its cursor, backs off with jitter, and turns each frame into one DOM event on the
// document: `natter:<type>` with the frame as detail. `natter:state` says {socket, state, over} whenever that changes;
// `over` is "socket" or, where WebSockets are blocked, "http" (lines.js).
//
// States: connecting, live, reconnecting, not-live (still trying), offline, waiting (30 s, told to), stale (reload), signed-out, removed.
import { Backoff } from "natter/backoff.js";
import { lines } from "natter/lines.js";
import { mayReload } from "natter/reload-guard.js";
import { Wake } from "natter/wake.js";

// Frames whose seq is a position or another topic's; in all others it counts in the socket's own topic.
const ELSEWHERE = new Set(["hello", "read", "delivered", "message_arrived", "post_changed", "comment", "comment_deleted", "post_deleted"]);
const ENDS = { 4401: "signed-out", 4403: "removed" };
const TOLD_TO_WAIT = new Set([1008, 1009]);
const WAIT = 30_000;
const LONG = 20_000;
const SILENT_TOO_LONG = 45_000;

export class Socket {
  constructor(name, path, { cursor = null, epoch = "", probe = null } = {}) {
    Object.assign(this, { name, path, cursor, epoch, probe });
    this.state = "connecting";
    this.backoff = new Backoff();
    this.failures = 0;
  }

  open() {
    this.wake ??= new Wake((why) => this.#woke(why), () => this.#say("offline"));
    this.#connect();
  }

  close() {
    this.wake?.end();
    this.#leave();
  }

  // True when the command is on its way. What must not be lost is repeated by its sender until a frame confirms it.
  send(command) {
    if (this.state !== "live" || !this.line?.isOpen) return false;
    this.line.send(command);
    return true;
  }

  // Something that should have been answered was not: believe the log, not the line.
  check() {
    if (this.state === "live") this.#connect();
  }

  #connect() {
    this.#leave();
    if (this.state !== "stale") this.#say(this.#tryingState);
    const line = (this.line = lines.open(this.path, () => this.#place));
    this.heard = Date.now();
    this.greeted = false;
    line.onframe = (frame) => this.#receive(frame);
    line.onclose = (code) => this.#closed(code);
    line.onmove = () => this.#connect();
  }

  get #place() {
    return this.cursor === null ? {} : { after: this.cursor, epoch: this.epoch };
  }

  #leave() {
    clearTimeout(this.timer);
    this.line?.close();
    this.line = null;
  }

  #receive(frame) {
    this.heard = Date.now();
    if (frame.type === "reset") return this.#refetch();
    if (frame.type === "hello") this.#greet(frame);
    // Only the next one: the answer to a repeated command may overtake what is still on its way.
    if (frame.seq === this.cursor + 1 && !ELSEWHERE.has(frame.type)) this.cursor = frame.seq;
    if (frame.type === "caught_up") this.cursor = frame.seq;
    this.#tell(frame.type, frame);
    if (frame.type === "caught_up") this.#live();
  }

  #greet({ epoch }) {
    this.epoch = epoch;
    this.greeted = true;
    lines.greeted(this.line);
  }

  #live() {
    this.failures = 0;
    this.backoff.reset();
    if (this.state !== "stale") this.#say("live");
  }

  #refetch() {
    this.cursor = null;
    if (mayReload()) return location.reload();
    this.#say("stale");
    this.#connect();
  }

  #closed(code) {
    const line = this.line;
    this.line = null;
    if (!this.greeted) lines.refused(line);
    if (ENDS[code]) return this.#end(ENDS[code]);
    if (!this.failures) this.brokenAt = Date.now();
    this.failures += 1;
    if (this.probe && this.failures % 3 === 2) this.#ask();
    const waits = TOLD_TO_WAIT.has(code);
    if (this.state !== "stale") this.#say(waits ? "waiting" : this.#tryingState);
    this.timer = setTimeout(() => this.#connect(), waits ? WAIT : this.backoff.next());
  }

  // A refused handshake looks like a broken line; the same question by HTTP says which it is.
  async #ask() {
    const answer = await fetch(this.probe, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.status === 401) this.#end("signed-out");
    if (answer?.status === 403 || answer?.status === 404) this.#end("removed");
  }

  get #tryingState() {
    if (!navigator.onLine) return "offline";
    if (!this.failures) return "connecting";
    return Date.now() - this.brokenAt > LONG ? "not-live" : "reconnecting";
  }

  #end(state) {
    this.close();
    this.#say(state);
  }

  #woke(why) {
    lines.tryAgain();
    if (this.state === "waiting") return;
    const silent = Date.now() - this.heard > SILENT_TOO_LONG;
    if (this.state !== "live" || why !== "visible" || silent) this.#connect();
  }

  #say(state) {
    if (state === this.state && state !== "live") return;
    this.state = state;
    this.#tell("state", { socket: this.name, state, over: this.line?.over });
  }

  #tell(type, detail) {
    document.dispatchEvent(new CustomEvent(`natter:${type}`, { detail }));
  }
}
