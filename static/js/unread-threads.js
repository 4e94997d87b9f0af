// How many of the threads that one follows hold something unread, from frames alone. Both positions only grow.
export class UnreadThreads {
  constructor(myName) {
    this.myName = myName;
    this.threads = new Map();
  }

  followed({ thread, conversation_id, is_followed, last_number, read_number }) {
    const known = this.threads.get(thread) ?? { last: 0, read: 0 };
    const [last, read] = [Math.max(known.last, last_number), Math.max(known.read, read_number)];
    this.threads.set(thread, { conversation_id, is_followed, last, read });
  }

  // Only those who follow it hear of it. What was unread was told: all before this was read, then.
  activity({ thread, conversation_id, last_number, username }) {
    const known = this.threads.get(thread) ?? { is_followed: true, last: 0, read: last_number - 1 };
    const isMine = username === this.myName && last_number > known.last;
    const read = isMine ? Math.max(known.read, last_number) : known.read;
    this.threads.set(thread, { ...known, conversation_id, last: Math.max(known.last, last_number), read });
  }

  wasRead({ thread, number }) {
    const known = this.threads.get(thread);
    if (known) known.read = Math.max(known.read, number);
  }

  left({ conversation_id }) {
    for (const [thread, known] of this.threads) if (known.conversation_id === conversation_id) this.threads.delete(thread);
  }

  get count() {
    return [...this.threads.values()].filter(({ is_followed, last, read }) => is_followed && last > read).length;
  }
}
