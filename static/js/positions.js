// How far each of the others has come in a conversation, and what that makes of a message of mine.
export class Positions {
  constructor(others) {
    this.others = new Map(others.map((other) => [other.user_id, { read: other.read_seq, delivered: other.delivered_seq }]));
  }

  move(userId, kind, seq) {
    const one = this.others.get(userId) ?? { read: 0, delivered: 0 };
    this.others.set(userId, { ...one, [kind]: Math.max(one[kind], seq) });
  }

  stateOf(seq) {
    const all = [...this.others.values()];
    if (!all.length) return "sent";
    if (all.every((one) => one.read >= seq)) return "read";
    return all.every((one) => Math.max(one.read, one.delivered) >= seq) ? "delivered" : "sent";
  }
}
