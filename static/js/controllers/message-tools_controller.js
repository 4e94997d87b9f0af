// One bar of tools for all messages: beside the one that the mouse is on, or that was opened by tap or key.
import { Controller } from "@hotwired/stimulus";

const STORED = ".message:not([data-seq='']):not(.is-deleted):not(:has(.is-editing))";

export default class extends Controller {
  static targets = ["bar", "page"];
  static values = { role: String };

  hover({ target, pointerType }) {
    if (pointerType !== "mouse" || this.barTarget.contains(document.activeElement)) return;
    const row = target.closest(STORED);
    if (row && row !== this.row) this.#show(row);
  }

  // On the time, or for fingers anywhere on the words.
  open(event) {
    const link = event.target.closest(".message-link");
    const tapped = event.pointerType !== "mouse" && event.target.closest(".bubble") && !event.target.closest("a, button, form");
    const row = link || tapped ? event.target.closest(STORED) : null;
    if (!row || event.metaKey || event.ctrlKey) return this.hide();
    event.preventDefault();
    this.#show(row);
    this.#buttons[0].focus({ preventScroll: true });
  }

  act({ params: { what, ...given } }) {
    const { row } = this;
    this.hide();
    this.dispatch(what, { detail: { row, ...given } });
  }

  // What I may do in a group follows my role there.
  promoted({ detail: { by, users, role } }) {
    const { username } = document.body.dataset;
    if (users.some((user) => user.username === username)) this.roleValue = role;
    else if (role === "owner" && by === username) this.roleValue = "admin";
  }

  steer(event) {
    if (event.key === "Escape") return this.#back(event);
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    const buttons = this.#buttons;
    buttons.at((buttons.indexOf(document.activeElement) + move) % buttons.length).focus();
  }

  left({ relatedTarget }) {
    if (!this.barTarget.contains(relatedTarget)) this.hide();
  }

  away({ relatedTarget }) {
    const stays = [relatedTarget, document.activeElement].some((where) => this.barTarget.contains(where));
    if (!stays && !this.row?.contains(relatedTarget)) this.hide();
  }

  hide() {
    this.row?.classList.remove("is-pointed");
    this.row = null;
    this.barTarget.hidden = true;
  }

  #show(row) {
    this.hide();
    this.row = row;
    row.classList.add("is-pointed");
    const mine = row.classList.contains("is-mine");
    const kinds = mine ? ["mine"] : this.roleValue === "member" ? ["others"] : ["others", "below"];
    this.barTarget.querySelectorAll("[data-for]").forEach((button) => (button.hidden = !button.dataset.for.split(" ").some((kind) => kinds.includes(kind))));
    this.pageTarget.href = row.querySelector(".message-link").getAttribute("href");
    this.barTarget.hidden = false;
    this.#place(row.querySelector(".bubble").getBoundingClientRect(), mine);
  }

  // Above the words, or over them where that would leave the log.
  #place(bubble, mine) {
    const frame = this.element.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.barTarget;
    const log = this.element.querySelector("[role=log]").getBoundingClientRect();
    const left = (mine ? bubble.right - width : bubble.left) - frame.left;
    const top = Math.max(bubble.top - height + 6, log.top + 4) - frame.top;
    this.barTarget.style.left = `${Math.max(4, Math.min(left, frame.width - width - 4))}px`;
    this.barTarget.style.top = `${top}px`;
  }

  #back(event) {
    event.stopPropagation();
    const link = this.row.querySelector(".message-link");
    this.hide();
    link.focus({ preventScroll: true });
  }

  get #buttons() {
    return [...this.barTarget.querySelectorAll(".message-tool:not([hidden])")];
  }
}
