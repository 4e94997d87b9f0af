// The browser's own notifications. Shown only while no tab of ours is visible, and by one tab only:
// each visible tab holds a shared lock, so a hidden one gets it exclusively just when all are hidden.
const LOCK = "natter-visible";
const SHOWN = "natter:shown";
const REMEMBERED = 50;

export class BrowserNotifications {
  // "unsupported", "default", "granted" or "denied"
  static get permission() {
    return "Notification" in window && navigator.locks ? Notification.permission : "unsupported";
  }

  // To be called from a click.
  static ask() {
    return Notification.requestPermission();
  }

  watch() {
    if (!navigator.locks) return;
    const hold = () => {
      if (document.hidden) return this.release?.();
      navigator.locks.request(LOCK, { mode: "shared" }, () => document.hidden || new Promise((done) => (this.release = done)));
    };
    document.addEventListener("visibilitychange", hold);
    hold();
  }

  show(notification) {
    if (BrowserNotifications.permission !== "granted" || !document.hidden) return;
    navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => lock && this.#showOnce(notification));
  }

  #showOnce({ id, sent_at, message, avatar, action_url }) {
    const shown = JSON.parse(localStorage.getItem(SHOWN) ?? "[]");
    const mark = `${id} ${sent_at}`;
    if (shown.includes(mark)) return;
    localStorage.setItem(SHOWN, JSON.stringify([mark, ...shown].slice(0, REMEMBERED)));
    const shownOne = new Notification("Natter", { body: message, icon: avatar, tag: id });
    shownOne.onclick = () => {
      window.focus();
      document.dispatchEvent(new CustomEvent("natter:mark-read", { detail: { id, leaving: true } }));
      location.assign(action_url);
    };
  }
}
