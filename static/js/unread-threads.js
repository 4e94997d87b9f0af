// How many of the threads that one follows hold something unread, from frames alone. Both positions only grow.
export class UnreadThreads {
  constructor(myName) {
    this.myName = myName;
    this.threads = new Map();
  }

  heard(frame) {
    if (frame.type === "thread_followed") this.followed(frame);
    if (frame.type === "thread_activity") this.activity(frame);
    if (frame.type === "thread_read") this.wasRead(frame);
    if (frame.type === "conversation_left") this.left(frame);
  }

  followed({ thread, conversation_id, is_followed, last_number, read_number }) {
    const known = this.threads.get(thread) ?? { last: 0 };
    this.threads.set(thread, { ...known, conversation_id, is_followed, last: Math.max(known.last, last_number) });
    this.wasRead({ thread, number: read_number });
  }

  // Only those who follow it hear of it. Of one that nothing was told of, all before this has been read, as far as one
  // can guess: what is said of it later counts, also if it is less.
  activity({ thread, conversation_id, last_number, username }) {
    const known = this.threads.get(thread) ?? { is_followed: true, last: 0, read: last_number - 1, isGuess: true };
    this.threads.set(thread, { ...known, conversation_id, last: Math.max(known.last, last_number) });
    if (username === this.myName && last_number > known.last) this.wasRead({ thread, number: last_number });
  }

  wasRead({ thread, number }) {
    const known = this.threads.get(thread);
    if (known) Object.assign(known, { read: known.isGuess ? number : Math.max(known.read ?? 0, number), isGuess: false });
  }

  left({ conversation_id }) {
    for (const [thread, known] of this.threads) if (known.conversation_id === conversation_id) this.threads.delete(thread);
  }

  get count() {
    return [...this.threads.values()].filter(({ is_followed, last, read }) => is_followed && last > read).length;
  }
}
