// Who is typing: each for 5 s after their last sign of it.
const LASTS = 5_000;

export class TypingList {
  constructor(onchange) {
    this.onchange = onchange;
    this.timers = new Map();
  }

  get names() {
    return [...this.timers.keys()];
  }

  started(name) {
    clearTimeout(this.timers.get(name));
    this.timers.set(name, setTimeout(() => this.stopped(name), LASTS));
    this.onchange(this.names);
  }

  stopped(name) {
    clearTimeout(this.timers.get(name));
    if (this.timers.delete(name)) this.onchange(this.names);
  }
}
