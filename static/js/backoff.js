// How long to wait before the next try: full jitter below a ceiling that doubles; the first try comes quickly.
export class Backoff {
  constructor({ first = 400, most = 5_000, random = Math.random } = {}) {
    Object.assign(this, { first, most, random });
    this.reset();
  }

  reset() {
    this.tries = 0;
  }

  next() {
    const ceiling = Math.min(this.most, this.first * 2 ** this.tries);
    this.tries += 1;
    return this.random() * ceiling;
  }
}
