// Notifications on every page: the socket with its cursor, the count in badge and title, toasts and the browser's own.
import { Arrivals } from "natter/arrivals.js";
import { BrowserNotifications } from "natter/browser-notifications.js";
import { ask } from "natter/http.js";
import { notificationRow } from "natter/notification-row.js";
import { titleWithUnread } from "natter/page-title.js";
import { Socket } from "natter/socket.js";
import { Toasts } from "natter/toasts.js";
import { watched } from "natter/watched.js";

const PATH = "/ws/notifications/";
const TOASTS_AFTER_A_GAP = 3;

export class NotificationManager {
  constructor(body = document.body) {
    this.body = body;
    const { cursor, epoch, unread } = body.dataset;
    this.socket = new Socket("notifications", PATH, { cursor: Number(cursor), epoch, probe: "/notifications/" });
    this.unread = Number(unread);
    this.known = new Map();
    this.missed = [];
    this.systemFace = document.getElementById("notification-template").content.querySelector("img").getAttribute("src");
    this.toasts = new Toasts(document.getElementById("toasts"), document.getElementById("toast-template"));
    this.browser = new BrowserNotifications();
    this.arrivals = new Arrivals();
  }

  start() {
    const on = (type, act) => document.addEventListener(`natter:${type}`, (event) => act(event.detail));
    on("state", (change) => this.#stateChanged(change));
    on("notification", (frame) => this.#arrived(frame));
    on("notification_read", ({ ids }) => this.#known(ids).forEach((id) => this.known.set(id, true)));
    on("unread_count", ({ count }) => this.showUnread(count));
    on("mark-read", ({ id, leaving }) => this.markRead(id, { leaving }));
    on("say", ({ message }) => this.toasts.show({ message, avatar: this.systemFace, notification_type: "System" }));
    on("watch", () => this.#watchSoon());
    for (const row of document.querySelectorAll(".notification[data-notification-id]")) {
      this.known.set(row.dataset.notificationId, !row.classList.contains("is-unread"));
    }
    this.browser.watch();
    this.arrivals.watch();
    this.socket.open();
  }

  // Over the socket; by HTTP when it is down, or when the page is about to be left and a frame might not get out.
  async markRead(id, { leaving = false } = {}) {
    if (!leaving && this.socket.send({ type: "mark_read", notification_id: id })) return;
    const answer = ask("PUT", `/notifications/${id}/read`, undefined, { keepalive: true });
    await answer.then(() => this.#readByHttp(id), () => {});
  }

  showUnread(count) {
    this.unread = count;
    this.body.dataset.unread = count;
    document.title = titleWithUnread(document.title, count);
    for (const badge of document.querySelectorAll("[data-unread-badge]")) {
      badge.hidden = !count;
      badge.querySelector("[data-unread-count]").textContent = count > 99 ? "99+" : count;
    }
  }

  #arrived(frame) {
    const wasRead = this.known.get(frame.id);
    this.known.set(frame.id, frame.read);
    const isNews = wasRead === undefined || (wasRead && frame.notification_type === "Message");
    if (frame.read || !isNews) return;
    const row = notificationRow(frame, this.systemFace);
    if (this.socket.state === "live") this.#announce(row);
    else this.missed.push(row);
  }

  #announce(row) {
    this.toasts.show(row);
    this.browser.show(row);
  }

  #stateChanged({ socket, state }) {
    if (socket !== this.socket.name) return;
    document.documentElement.dataset.live = state === "live";
    if (state !== "live") return;
    this.#watchSoon();
    const missed = this.missed.splice(0).filter(({ id }) => !this.known.get(id));
    if (missed.length <= TOASTS_AFTER_A_GAP) return missed.forEach((row) => this.#announce(row));
    this.toasts.show({ ...missed.at(-1), id: "", message: `${missed.length} new notifications`, action_url: "/notifications/" });
  }

  #readByHttp(id) {
    if (this.socket.state === "live" || this.known.get(id)) return;
    document.dispatchEvent(new CustomEvent("natter:notification_read", { detail: { ids: [id] } }));
    this.showUnread(Math.max(0, this.unread - 1));
  }

  #known(ids) {
    return ids === "all" ? [...this.known.keys()] : ids;
  }

  #watchSoon() {
    clearTimeout(this.watchTimer);
    this.watchTimer = setTimeout(() => {
      const wanted = watched(document);
      if (wanted || this.watches) this.watches = this.socket.send({ type: "watch", ...(wanted ?? { posts: {} }) });
    }, 60);
  }
}
