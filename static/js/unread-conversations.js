// How many conversations hold something unread, from `conversation_activity` and `conversation_read` alone.
export class UnreadConversations {
  constructor(myName) {
    this.myName = myName;
    this.last = new Map();
    this.read = new Map();
  }

  activity({ conversation_id: id, last_number: number, username: author }) {
    this.last.set(id, Math.max(number, this.last.get(id) ?? 0));
    if (author === this.myName) this.wasRead({ conversation_id: id, number });
  }

  wasRead({ conversation_id: id, number }) {
    this.read.set(id, Math.max(number, this.read.get(id) ?? 0));
  }

  get count() {
    return [...this.last].filter(([id, number]) => number > (this.read.get(id) ?? number)).length;
  }
}
