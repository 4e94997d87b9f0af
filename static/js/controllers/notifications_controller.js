// A list of notifications that follows the frames: the newest on top, one entry per id.
import { Controller } from "@hotwired/stimulus";
import { fill, fromTemplate } from "natter/fill.js";
import { Problem, ask, isLive, say } from "natter/http.js";
import { notificationRow } from "natter/notification-row.js";

export default class extends Controller {
  static targets = ["list", "empty"];
  static values = { limit: Number };

  put({ detail: frame }) {
    const systemFace = this.#template.content.querySelector("img").getAttribute("src");
    const record = notificationRow(frame, systemFace);
    const known = this.#row(frame.id);
    const row = known ? fill(known, record) : fromTemplate(this.#template, record);
    row.querySelector("[name=csrf_token]").value = document.querySelector("meta[name=csrf-token]").content;
    if (!known || !frame.read) this.listTarget.prepend(row);
    this.#trim();
  }

  read({ detail: { ids } }) {
    this.#rows(ids).forEach((row) => this.#show(row, true));
  }

  remove({ detail: { ids } }) {
    this.#rows(ids).forEach((row) => row.remove());
    this.#trim();
  }

  // Following the link reads it.
  open({ target }) {
    const row = target.closest(".notification");
    if (!row.classList.contains("is-unread")) return;
    const detail = { id: row.dataset.notificationId, leaving: true };
    document.dispatchEvent(new CustomEvent("natter:mark-read", { detail }));
  }

  async mark(event) {
    event.preventDefault();
    const row = event.target.closest(".notification");
    const method = event.target.elements._method.value;
    try {
      await ask(method, event.target.action);
      if (!isLive()) this.#show(row, method === "PUT");
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      say(problem.message);
    }
  }

  #show(row, read) {
    row.classList.toggle("is-unread", !read);
    const mark = read ? "Mark as unread" : "Mark as read";
    fill(row.querySelector(".notification-mark"), { id: row.dataset.notificationId, method: read ? "DELETE" : "PUT", mark });
    row.querySelector("[data-slot-if=unread]").hidden = read;
  }

  #trim() {
    if (this.limitValue) [...this.listTarget.children].slice(this.limitValue).forEach((row) => row.remove());
    this.emptyTarget.hidden = this.listTarget.children.length > 0;
  }

  #rows(ids) {
    return [...this.listTarget.children].filter((row) => ids === "all" || ids.includes(row.dataset.notificationId));
  }

  #row(id) {
    return this.#rows([id])[0];
  }

  get #template() {
    return document.getElementById("notification-template");
  }
}
