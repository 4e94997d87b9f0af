// Calls everyone who asked, now and then, on one timer; no timer while nobody asks.
export class Ticker {
  constructor(every) {
    this.every = every;
    this.callers = new Set();
  }

  add(caller) {
    this.callers.add(caller);
    this.timer ??= setInterval(() => this.callers.forEach((call) => call()), this.every);
  }

  remove(caller) {
    this.callers.delete(caller);
    if (this.callers.size) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
