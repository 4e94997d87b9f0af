// Notices that the page woke up: shown again, network back, or the clock has jumped because the laptop slept.
const STEP = 5_000;
const GAP = 90_000; // hidden pages may tick only once a minute

export class Wake {
  constructor(onwake, onoffline) {
    this.stop = new AbortController();
    const listen = (target, name, act) => target.addEventListener(name, act, { signal: this.stop.signal });
    listen(window, "online", () => onwake("online"));
    listen(window, "offline", () => onoffline());
    listen(window, "pageshow", (event) => event.persisted && onwake("pageshow"));
    listen(document, "visibilitychange", () => document.hidden || onwake("visible"));
    let last = Date.now();
    this.timer = setInterval(() => {
      const slept = Date.now() - last > GAP;
      last = Date.now();
      if (slept) onwake("slept");
    }, STEP);
  }

  end() {
    clearInterval(this.timer);
    this.stop.abort();
  }
}
