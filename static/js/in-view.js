// Which rows of a scrolling log the reader can see: most of a row, or the end of a long one.
const MOST = 0.6;

export class InView {
  constructor(root, onchange) {
    this.rows = new Set();
    this.observer = new IntersectionObserver((entries) => this.#changed(entries, onchange), { root, threshold: [0, MOST] });
  }

  add(row) {
    this.observer.observe(row);
  }

  has(row) {
    return this.rows.has(row);
  }

  end() {
    this.observer.disconnect();
  }

  #changed(entries, onchange) {
    for (const { target, isIntersecting, intersectionRatio, boundingClientRect, rootBounds } of entries) {
      const showsItsEnd = isIntersecting && boundingClientRect.bottom <= rootBounds.bottom;
      if (intersectionRatio >= MOST || showsItsEnd) this.rows.add(target);
      else this.rows.delete(target);
    }
    onchange();
  }
}
