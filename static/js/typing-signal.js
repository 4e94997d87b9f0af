// When to tell the others that one is typing: at most every 3 s, and that one stopped after 5 s without a key.
const AGAIN = 3_000;
const IDLE = 5_000;

export class TypingSignal {
  constructor(send) {
    this.send = send;
    this.said = 0;
  }

  keystroke() {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.stop(), IDLE);
    if (Date.now() - this.said < AGAIN) return;
    this.said = Date.now();
    this.send(true);
  }

  stop() {
    clearTimeout(this.idle);
    if (!this.said) return;
    this.said = 0;
    this.send(false);
  }
}
