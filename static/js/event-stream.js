// Where WebSockets are blocked: one event stream for all sockets of the page, each of which has a line of it. Commands go
// by HTTP, one after another. What holds until it is said anew (what is watched, who is shown, whether one is at the page)
// stands in the stream's address, so any worker can serve either.
import { Problem, ask } from "natter/http.js";
import { presence } from "natter/presence.js";
import { watched } from "natter/watched.js";

const TOGETHER = 20;
const REMOVED = 4403;
const STANDING = new Set(["watch", "presence", "active"]);

export class EventStream {
  constructor() {
    this.lines = new Set();
    this.posted = Promise.resolve();
  }

  line(path, place) {
    const line = new StreamLine(this, path, place);
    this.lines.add(line);
    this.#soon();
    return line;
  }

  leave(line) {
    if (this.lines.delete(line)) this.#soon();
  }

  // There is a better way now.
  move() {
    [...this.lines].forEach((line) => line.onmove());
  }

  stand({ type, ...wanted }) {
    if (outline(wanted) !== outline(this.standing?.[type])) this.#soon();
  }

  post(line, command) {
    this.posted = this.posted.then(() => line.post(command));
  }

  // A change of what is followed opens it anew, from the cursors; several changes at once do so once.
  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#connect(), TOGETHER);
  }

  #connect() {
    this.source?.close();
    this.source = null;
    if (!this.lines.size) return;
    const source = (this.source = new EventSource(this.#address()));
    source.onmessage = ({ data }) => source === this.source && this.#receive(JSON.parse(data));
    // It would come back by itself, but without backing off.
    source.onerror = () => source === this.source && this.#end(() => 1006);
  }

  #address() {
    const address = new URL("/sse/", location.href);
    for (const line of this.lines) line.addTo(address.searchParams);
    if (!address.searchParams.has("notifications")) return address;
    this.standing = { watch: watched(document) ?? { posts: {} }, presence: { user_ids: presence.people.ids }, active: { is_active: presence.activity.isActive } };
    for (const [type, wanted] of Object.entries(this.standing)) address.searchParams.set(type, JSON.stringify(wanted));
    return address;
  }

  #receive(frame) {
    const { type, code, topic } = frame;
    // Being removed from a conversation is the end of that one; the others come back.
    if (type === "closed") return this.#end((line) => (code === REMOVED && line.topic !== topic ? 1006 : code));
    for (const line of this.lines) if (line.hears(topic)) line.onframe(frame);
  }

  #end(codeFor) {
    const lines = [...this.lines];
    this.lines.clear();
    clearTimeout(this.timer);
    this.source.close();
    this.source = null;
    lines.forEach((line) => line.onclose(codeFor(line)));
  }
}

class StreamLine {
  over = "http";

  constructor(stream, path, place) {
    const [, , kind, id] = path.split("/");
    Object.assign(this, { stream, path, place, kind, id, topic: id && `conversation.${id}` });
  }

  get isOpen() {
    return this.stream.lines.has(this);
  }

  hears(topic) {
    return this.topic ? topic === this.topic : topic.startsWith("user.");
  }

  addTo(query) {
    const { after = "", epoch } = this.place();
    query.set(this.kind, this.id ? `${this.id}:${after}` : after);
    if (epoch) query.set("epoch", epoch);
  }

  send(command) {
    if (STANDING.has(command.type)) this.stream.stand(command);
    else this.stream.post(this, command);
  }

  close() {
    this.stream.leave(this);
  }

  // The answer to a repeat is the first frame; a refusal looks like the one that a socket would send.
  async post(command) {
    try {
      const answer = await ask("POST", "/commands", this.id ? { ...command, conversation_id: this.id } : command);
      if (answer.type) this.onframe(answer);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      const [field = null] = Object.keys(problem.fields);
      const { code, message } = problem;
      this.onframe({ type: "error", code, message: problem.fields[field] ?? message, field, command: command.type, client_id: command.client_id ?? null });
    }
  }
}

// What is wanted, without how far it is shown.
function outline(wanted) {
  return JSON.stringify(wanted, (name, value) => (name === "posts" ? Object.keys(value) : name === "after_post" ? undefined : value));
}
