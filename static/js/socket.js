// One socket: it resumes after its cursor, backs off with jitter, and turns each frame into one DOM event on the
// document: `natter:<type>` with the frame as detail. `natter:state` says {socket, state} whenever that changes.
//
// States: connecting, live, reconnecting, not-live (still trying), offline, waiting (30 s, told to), stale (reload), signed-out, removed.
import { Backoff } from "natter/backoff.js";
import { mayReload } from "natter/reload-guard.js";
import { Wake } from "natter/wake.js";

// Frames whose seq counts in the socket's own topic; in all others `seq` is a position or another topic's.
const OWN = new Set(["chat_message", "notification", "notification_read", "notification_removed", "conversation_joined", "skip"]);
const ENDS = { 4401: "signed-out", 4403: "removed" };
const TOLD_TO_WAIT = new Set([1008, 1009]);
const WAIT = 30_000;
const LONG = 20_000;
const SILENT_TOO_LONG = 45_000;

export class Socket {
  constructor(name, path, { cursor = null, epoch = "", probe = null, WebSocket = globalThis.WebSocket } = {}) {
    Object.assign(this, { name, path, cursor, epoch, probe, WebSocket });
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
    if (this.state !== "live" || this.ws.readyState !== this.WebSocket.OPEN) return false;
    this.ws.send(JSON.stringify(command));
    return true;
  }

  // Something that should have been answered was not: believe the log, not the line.
  check() {
    if (this.state === "live") this.#connect();
  }

  #connect() {
    this.#leave();
    if (this.state !== "stale") this.#say(this.#tryingState);
    const ws = (this.ws = new this.WebSocket(this.#address()));
    this.heard = Date.now();
    ws.onmessage = ({ data }) => ws === this.ws && this.#receive(JSON.parse(data));
    ws.onclose = ({ code }) => ws === this.ws && this.#closed(code);
  }

  #address() {
    const address = new URL(this.path, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    if (this.cursor !== null) {
      address.searchParams.set("after", this.cursor);
      address.searchParams.set("epoch", this.epoch);
    }
    return address;
  }

  #leave() {
    clearTimeout(this.timer);
    const ws = this.ws;
    this.ws = null;
    ws?.close();
  }

  #receive(frame) {
    this.heard = Date.now();
    if (frame.type === "reset") return this.#refetch();
    if (frame.type === "hello") this.epoch = frame.epoch;
    // Only the next one: the answer to a repeated command may overtake what is still on its way.
    if (OWN.has(frame.type) && frame.seq === this.cursor + 1) this.cursor = frame.seq;
    if (frame.type === "caught_up") this.cursor = frame.seq;
    this.#tell(frame.type, frame);
    if (frame.type === "caught_up") this.#live();
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
    this.ws = null;
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
    if (this.state === "waiting") return;
    const silent = Date.now() - this.heard > SILENT_TOO_LONG;
    if (this.state !== "live" || why !== "visible" || silent) this.#connect();
  }

  #say(state) {
    if (state === this.state && state !== "live") return;
    this.state = state;
    this.#tell("state", { socket: this.name, state });
  }

  #tell(type, detail) {
    document.dispatchEvent(new CustomEvent(`natter:${type}`, { detail }));
  }
}
