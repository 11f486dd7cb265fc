// Conversations, live, for notifications.js: what is said and how much of it is unread, who types and who is there.

const TYPES_FOR = 5_000; // milliseconds after somebody said so
const IS_THERE_FOR = 60_000;
const SAY_AGAIN = 25_000; // that we are there
const SAY_TYPING = 3_000; // at most so often

export class Talk {
  #hearers = new Set(); // of messages
  #countedAt = 0; // the timestamp of the count
  #heard = []; // {kind: "typing" | "present", conversation, user, timer}
  #inside = new Map(); // where we are there: the timers that say it again
  #typed = new Map(); // when we said last that we type

  /** `call` asks the API, `say` sends a frame when there is a socket, `changed` takes what is shown. */
  constructor({ call, say, changed }) {
    Object.assign(this, { call, say, changed });
  }

  onMessage(hearer) {
    this.#hearers.add(hearer);
    return () => void this.#hearers.delete(hearer);
  }

  enter(conversation) {
    if (this.#inside.has(conversation)) return;
    const here = () => this.say({ type: "presence", conversation, present: true });
    this.#inside.set(conversation, setInterval(here, SAY_AGAIN));
    here();
  }

  leave(conversation) {
    clearInterval(this.#inside.get(conversation));
    if (this.#inside.delete(conversation)) this.say({ type: "presence", conversation, present: false });
  }

  type(conversation) {
    const now = Date.now();
    if (now - (this.#typed.get(conversation) ?? 0) < SAY_TYPING) return;
    this.#typed.set(conversation, now);
    this.say({ type: "typing", conversation });
  }

  receive(frame) {
    const { type, conversation, user, present } = frame;
    if (type === "hello") this.#begin();
    if (type === "reset") this.#countedAt = 0; // it may come from a backup
    if (type === "message") this.#said(frame);
    if (type === "typing") this.#keep("typing", conversation, user, TYPES_FOR);
    if (type === "presence" && present) this.#keep("present", conversation, user, IS_THERE_FOR);
    if (type === "presence" && !present) this.#forget(about(conversation, user));
  }

  /** How much is unread; a frame may have told something newer. */
  async count() {
    const values = await this.call("GET", `/api/notifications/state/?since=${this.#countedAt}`);
    const value = values.find((one) => one.name === "unread_message_count");
    if (value) this.#counted(value.data, value.timestamp);
    else if (!this.#countedAt) this.changed({ unreadMessageCount: 0 }); // nobody has ever written
  }

  /** Somebody else may sign in. */
  end() {
    this.#forget(() => true);
    for (const timer of this.#inside.values()) clearInterval(timer);
    this.#inside.clear();
    this.#countedAt = 0;
    this.changed({ unreadMessageCount: null });
  }

  /** A new socket: it knows nobody, and nobody knows of us. */
  #begin() {
    this.#forget(() => true);
    for (const conversation of this.#inside.keys()) this.say({ type: "presence", conversation, present: true });
    this.count().catch(() => {}); // then the next frame says it, or the next socket asks
  }

  #said(frame) {
    this.#counted(frame.unread_message_count, frame.timestamp);
    if (frame.action === "posted") this.#forget(about(frame.conversation, frame.message.author, "typing"));
    for (const hearer of this.#hearers) hearer(frame);
  }

  #counted(unreadMessageCount, timestamp) {
    if (timestamp <= this.#countedAt) return; // overtaken
    this.#countedAt = timestamp;
    this.changed({ unreadMessageCount });
  }

  #keep(kind, conversation, user, patience) {
    const same = about(conversation, user, kind);
    this.#forget(same, { kind, conversation, user, timer: setTimeout(() => this.#forget(same), patience) });
  }

  #forget(which, ...instead) {
    for (const one of this.#heard.filter(which)) clearTimeout(one.timer);
    this.#heard = [...this.#heard.filter((one) => !which(one)), ...instead];
    this.changed({ typing: this.#shown("typing"), present: this.#shown("present") });
  }

  #shown(kind) {
    return this.#heard.filter((one) => one.kind === kind).map(({ conversation, user }) => ({ conversation, user }));
  }
}

/** Whether something is about this person there; of any kind, if none is given. */
const about = (conversation, user, kind) => (one) =>
  one.conversation === conversation && one.user.id === user.id && (kind ?? one.kind) === one.kind;
