// Messages that nobody has confirmed yet, kept in the browser over reloads, oldest first.
export class Outbox {
  constructor(key, storage = localStorage) {
    Object.assign(this, { key, storage });
  }

  get entries() {
    try {
      return JSON.parse(this.storage.getItem(this.key)) ?? this.spare ?? [];
    } catch {
      return this.spare ?? [];
    }
  }

  get waiting() {
    return this.entries.filter((entry) => !entry.trouble);
  }

  find(clientId) {
    return this.entries.find((entry) => entry.client_id === clientId);
  }

  // `reply_to` is what it quotes: { message_id, seq, username, preview }; `thread` what its thread hangs on.
  add(message, reply_to, thread) {
    const entry = { client_id: crypto.randomUUID?.() ?? uuid(), message, sent_at: new Date().toISOString(), reply_to, thread };
    this.#keep([...this.entries, entry]);
    return entry;
  }

  remove(clientId) {
    this.#keep(this.entries.filter((entry) => entry.client_id !== clientId));
  }

  // `trouble` is what went wrong, in words, and `code` the kind of it; null lets it be sent again.
  mark(clientId, trouble, code = null) {
    this.#change(clientId, { trouble, code });
  }

  // Its author means all that it says to.
  confirm(clientId) {
    this.#change(clientId, { to_all: true });
  }

  #change(clientId, changes) {
    this.#keep(this.entries.map((entry) => (entry.client_id === clientId ? { ...entry, ...changes } : entry)));
  }

  // With the storage full or forbidden they last as long as the page.
  #keep(entries) {
    this.spare = entries;
    try {
      if (entries.length) this.storage.setItem(this.key, JSON.stringify(entries));
      else this.storage.removeItem(this.key);
    } catch { /* see above */ }
  }
}

// crypto.randomUUID exists only behind https or on localhost.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20].reduce((text, at, i) => `${text.slice(0, at + i)}-${text.slice(at + i)}`, hex);
}
