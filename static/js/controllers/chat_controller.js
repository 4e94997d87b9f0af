// Owns the socket of the conversation on this page; the other parts send through `chat:command`.
import { Controller } from "@hotwired/stimulus";
import { Socket } from "natter/socket.js";

export default class extends Controller {
  static values = { id: String };

  connect() {
    // An older page is for readers without script; here the older messages come on scrolling up.
    if (location.search && this.element.querySelector("[role=log]")) return location.replace(location.pathname);
    const { chatCursor, epoch } = document.body.dataset;
    const probe = `/conversations/${this.idValue}/messages?after=${chatCursor}`;
    this.socket = new Socket("chat", `/ws/chat/${this.idValue}/`, { cursor: Number(chatCursor), epoch, probe });
    this.socket.open();
  }

  disconnect() {
    this.socket?.close();
  }

  send(event) {
    if (this.socket?.send(event.detail)) event.preventDefault();
  }

  // Something sent was not answered in time.
  check() {
    this.socket.check();
  }
}
