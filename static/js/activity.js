// Whether somebody is at this page: a key, a pointer or a glance in the last five minutes.
const AWAY_AFTER = 5 * 60_000;
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];

export class Activity {
  constructor(onchange) {
    this.onchange = onchange;
    this.isActive = true;
    this.last = Date.now();
  }

  watch(root = document) {
    for (const sign of SIGNS) root.addEventListener(sign, () => this.sign(), { capture: true, passive: true });
    root.addEventListener("visibilitychange", () => root.hidden || this.sign());
    this.#wait();
  }

  sign() {
    this.last = Date.now();
    if (this.isActive) return;
    this.#say(true);
    this.#wait();
  }

  // One timer that looks again when it was too early, instead of a new one for each sign.
  #wait() {
    clearTimeout(this.timer);
    const left = this.last + AWAY_AFTER - Date.now();
    if (left > 0) this.timer = setTimeout(() => this.#wait(), left);
    else this.#say(false);
  }

  #say(isActive) {
    this.isActive = isActive;
    this.onchange(isActive);
  }
}
