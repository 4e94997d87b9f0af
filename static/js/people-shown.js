// Whose presence this page shows, where it shows it, and what is known of it.
const AT_MOST = 200;
const UNKNOWN = { state: "unknown", last_seen: null };

export class PeopleShown {
  constructor(onchange) {
    this.onchange = onchange;
    this.places = new Map();
    this.known = new Map();
  }

  get ids() {
    return [...this.places.keys()].slice(0, AT_MOST);
  }

  // `show` is called with what is known now, and with each change.
  add(id, show) {
    if (!this.places.has(id)) {
      this.places.set(id, new Set());
      this.onchange();
    }
    this.places.get(id).add(show);
    show(this.known.get(id) ?? UNKNOWN);
  }

  remove(id, show) {
    const places = this.places.get(id);
    if (!places?.delete(show) || places.size) return;
    this.places.delete(id);
    this.known.delete(id);
    this.onchange();
  }

  learn({ user_id, state, last_seen }) {
    const places = this.places.get(user_id);
    if (!places) return;
    this.known.set(user_id, { state, last_seen });
    places.forEach((show) => show({ state, last_seen }));
  }

  forget() {
    this.known.clear();
    this.places.forEach((places) => places.forEach((show) => show(UNKNOWN)));
  }
}
