// How many conversations hold something unread and are neither muted nor archived, from frames alone.
export class UnreadConversations {
  constructor(myName) {
    this.myName = myName;
    this.last = new Map();
    this.read = new Map();
    this.quiet = new Map();
  }

  heard(frame) {
    if (frame.type === "conversation_activity") this.activity(frame);
    if (frame.type === "conversation_read" || frame.type === "conversation_unread") this.wasRead(frame);
    if (frame.type === "conversation_kept") this.kept(frame);
  }

  activity({ conversation_id: id, last_number: number, username: author }) {
    const isNew = number > (this.last.get(id) ?? 0);
    this.last.set(id, Math.max(number, this.last.get(id) ?? 0));
    if (isNew && author === this.myName) this.wasRead({ conversation_id: id, number, marks: this.read.get(id)?.marks });
  }

  // Of what was marked as unread less often nothing is to be learned any more.
  wasRead({ conversation_id: id, number, marks = 0 }) {
    const known = this.read.get(id) ?? { number: 0, marks: 0 };
    if (marks > known.marks) this.read.set(id, { number, marks });
    else if (marks === known.marks) this.read.set(id, { number: Math.max(number, known.number), marks });
  }

  kept({ conversation_id: id, archived_number, muted_until }) {
    this.quiet.set(id, { muted: muted_until ?? "", archived: archived_number ?? 0 });
  }

  get count() {
    const now = new Date().toISOString();
    return [...this.last].filter(([id, number]) => {
      const { muted, archived } = this.quiet.get(id) ?? { muted: "", archived: 0 };
      return number > (this.read.get(id)?.number ?? number) && muted < now && number > archived;
    }).length;
  }
}
