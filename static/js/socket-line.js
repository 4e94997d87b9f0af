// A WebSocket as a line to the server: frames come to `onframe`, the end to `onclose`.
const PATIENCE = 10_000; // some networks swallow an upgrade without a word

export class SocketLine {
  over = "socket";

  constructor(path, place = {}) {
    const address = new URL(path, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    Object.entries(place).forEach(([name, value]) => address.searchParams.set(name, value));
    this.path = path;
    this.ws = new WebSocket(address);
    this.ws.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    this.ws.onclose = ({ code }) => this.#end(code);
    this.timer = setTimeout(() => this.#end(1006), PATIENCE);
  }

  get isOpen() {
    return this.ws.readyState === WebSocket.OPEN;
  }

  send(command) {
    this.ws.send(JSON.stringify(command));
  }

  // Nothing is heard after this.
  close() {
    clearTimeout(this.timer);
    this.ws.onmessage = this.ws.onclose = null;
    this.ws.close();
  }

  #hear(frame) {
    clearTimeout(this.timer);
    this.onframe(frame);
  }

  #end(code) {
    this.close();
    this.onclose(code);
  }
}
