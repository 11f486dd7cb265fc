// Inbox and live notifications for any JavaScript app: browsers and Node ≥ 20, no dependencies.
// React, Vue and Angular use it through the small files beside this folder.

import { Api, PATIENCE, memoryStore } from "./api.js";
import { Talk } from "./talk.js";

const LONGEST_WAIT = 30_000; // milliseconds until the next try to connect, at most
const STABLE = 10_000; // milliseconds a socket has to stay open until the waits start anew
const PLANNED = 4000;
const NOT_ALLOWED = 4403;
const MOVES = ["notification", "state", "replay_complete"]; // the position, that is

export class NotificationFeed {
  #state = {
    notifications: [],
    unreadCount: 0,
    unreadMessageCount: null, // not known yet
    typing: [],
    present: [],
    connected: false,
    signedIn: false,
  };
  #listeners = new Set();
  #rows = []; // the newest first, also those archived since
  #position = null; // {epoch, seq}: everything up to it is known
  #link = null; // the present try to be connected; null when nobody wants to be
  #attempt = 0;
  #talk = new Talk({
    call: (...values) => this.call(...values),
    say: (frame) => this.#state.connected && this.#link.socket.send(JSON.stringify(frame)),
    changed: (talk) => this.#set(talk),
  });

  constructor({ baseUrl, store = memoryStore(), WebSocket = globalThis.WebSocket }) {
    this.api = new Api({ baseUrl, store, signedOut: () => this.#forget() });
    this.WebSocket = WebSocket;
    this.#state.signedIn = Boolean(store.get());
  }

  // --- State: a new object after every change, as React, Vue and Angular like it ---

  getState = () => this.#state;

  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  #set(change) {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener(this.#state);
  }

  // --- Signing in and calling ---

  login = async (username, password) => {
    const user = await this.api.login(username, password);
    this.#set({ signedIn: true });
    this.connect();
    return user;
  };

  logout = () => {
    this.disconnect();
    return this.api.logout();
  };

  call = (method, path, body) => this.api.call(method, path, body);

  #forget() {
    this.disconnect();
    this.#position = null;
    this.#talk.end();
    this.#keep([], 0);
    this.#set({ signedIn: false });
  }

  // --- The inbox ---

  markAsRead = async (id) => {
    const marked = await this.call("POST", `/api/notifications/${id}/mark_as_read/`);
    this.#unlessTold({ read_ids: [id], seq: marked.notification.changed_seq, unread_count: marked.unread_count });
  };

  /** All that is known here: what arrives meanwhile stays unread. */
  markAllAsRead = async () => {
    if (!this.#position) return;
    const { seq } = this.#position;
    const marked = await this.call("POST", `/api/notifications/mark_all_as_read/?up_to_seq=${seq}`);
    this.#unlessTold({ all_up_to_seq: seq, seq, unread_count: marked.unread_count });
  };

  /** The socket tells this client, too, and in order. Without one the answer has to do. */
  #unlessTold(change) {
    if (this.#position && !this.#state.connected) this.#change(change);
  }

  #keep(rows, unreadCount) {
    this.#rows = rows;
    this.#set({ notifications: rows.filter((one) => !one.is_archived), unreadCount });
  }

  #begin(page) {
    this.#keep(page.results.map(item), page.unread_count);
    this.#position = { epoch: page.epoch, seq: page.seq };
  }

  /** One notification as it is now; it may be known already, or lie below the list. */
  #show(frame) {
    if (frame.seq < this.#rows.at(-1)?.seq) return;
    const others = this.#rows.filter((one) => one.id !== frame.id);
    this.#keep([item(frame), ...others].sort((a, b) => b.seq - a.seq), frame.unread_count);
  }

  /** What became of notifications: what lies under a read-all first, then the ids. */
  #change({ seq, all_up_to_seq: all = 0, read_ids: read = [], unread_ids = [], archived_ids = [], unread_count }) {
    const changed = (one) => {
      if (archived_ids.includes(one.id)) return { is_read: true, is_archived: true };
      if (unread_ids.includes(one.id)) return { is_read: false, is_archived: false };
      if (read.includes(one.id)) return { is_read: true, is_archived: false };
      return !one.is_read && one.changed_seq <= all ? { is_read: true } : null;
    };
    const changed_seq = Math.max(seq, all); // only a read-all after it covers what is unread again
    const rows = this.#rows.map((one) => (changed(one) ? { ...one, ...changed(one), changed_seq } : one));
    this.#keep(rows, unread_count);
  }

  /** Where no socket gets through: what changed since the position. */
  async #poll(link) {
    for (let more = true; more; ) {
      const { epoch, seq } = this.#position;
      const page = await this.call("GET", `/api/notifications/changes/?since=${seq}&epoch=${epoch}`);
      if (link !== this.#link) return;
      page.results.forEach((frame) => this.#show(frame));
      this.#set({ unreadCount: page.unread_count });
      this.#position = page.recovered ? { epoch: page.epoch, seq: page.seq } : null; // null: the list anew
      more = page.has_more;
    }
    await this.#talk.count();
  }

  // --- Conversations ---

  /** Every frame about messages, as it comes. After a reconnect fetch what you show anew: it may have missed some. */
  onMessage = (hearer) => this.#talk.onMessage(hearer);

  /** Be there, until `leave`; who else is there, and who types, stands in the state. */
  enter = (conversation) => this.#talk.enter(conversation);
  leave = (conversation) => this.#talk.leave(conversation);

  /** Call it with every key. */
  type = (conversation) => this.#talk.type(conversation);

  // --- Live ---

  /** Connect, and stay connected; when the next try is still to come, try now. */
  connect = () => {
    if (this.#link && !this.#link.timer) return; // connected, or about to be
    clearTimeout(this.#link?.timer);
    void this.#open({ polls: Boolean(this.#link) });
  };

  disconnect = () => {
    const link = this.#link;
    this.#link = null; // whatever is still under way sees it
    clearTimeout(link?.timer);
    clearTimeout(link?.silence);
    link?.socket?.close();
    if (this.#state.connected) this.#set({ connected: false });
  };

  /** First the list, from which on the socket tells everything; its ticket is used once, unlike a token. */
  async #open(link) {
    if (!this.api.store.get()) return this.#forget(); // signed out, perhaps in another tab
    this.#link = link;
    try {
      if (link.polls && this.#position) await this.#poll(link);
      const page = this.#position ? null : await this.call("GET", "/api/notifications/");
      if (link !== this.#link) return;
      if (page) this.#begin(page);
      const { ticket } = await this.call("POST", "/api/auth/ticket/"); // exchanges an expired token
      if (link === this.#link) this.#listen(link, ticket);
    } catch {
      this.#retry(link); // unless a 401 that lasts has signed us out
    }
  }

  #listen(link, ticket) {
    const query = new URLSearchParams({ v: 2, token: ticket, since: this.#position.seq, epoch: this.#position.epoch });
    const socket = new this.WebSocket(`${this.api.baseUrl.replace(/^http/, "ws")}/ws/notifications/?${query}`);
    const ended = (code) => {
      clearTimeout(link.silence);
      if (link !== this.#link || link.timer) return; // closed by disconnect(), or told of this already
      this.#set({ connected: false });
      this.#retry(link, code);
      socket.close();
    };
    const expect = (patience) => {
      clearTimeout(link.silence);
      link.silence = setTimeout(ended, patience); // a dead network says nothing
    };
    link.socket = socket;
    expect(PATIENCE);
    socket.onmessage = (event) => {
      if (link !== this.#link || link.timer) return;
      const frame = JSON.parse(event.data);
      if (frame.type === "hello") Object.assign(link, { since: Date.now(), patience: frame.ping_interval * 2500 });
      expect(link.patience ?? PATIENCE);
      this.#receive(frame);
      if (!this.#position) ended();
    };
    socket.onclose = (event) => ended(event.code);
    socket.onerror = () => link.since || ended(); // some versions of Node say no more when they cannot connect
  }

  #receive(frame) {
    if (frame.type === "hello") this.#set({ connected: true, unreadCount: frame.unread_count });
    this.#talk.receive(frame);
    if (frame.type === "notification") this.#show(frame);
    if (frame.type === "state") this.#change(frame);
    // In a replay it moves only when all has come: cut off before that, the whole is told again.
    const moves = MOVES.includes(frame.type) && !frame.replay;
    if (moves) this.#position = { ...this.#position, seq: Math.max(frame.seq, this.#position.seq) };
    if (frame.type === "reset") this.#position = null; // the list anew
  }

  /** Again: at once when it was planned, else after a wait by full jitter, so that not all come back together. */
  #retry(link, code) {
    if (link !== this.#link) return;
    if (code === NOT_ALLOWED) return void (this.#link = null);
    if (Date.now() - link.since > STABLE) this.#attempt = 0;
    const atOnce = code === PLANNED && link.since;
    const wait = atOnce ? 0 : Math.random() * Math.min(LONGEST_WAIT, 1000 * 2 ** this.#attempt++);
    link.timer = setTimeout(() => this.#open({ polls: !link.since }), wait);
  }
}

/** What a list shows, the same from the inbox and from a frame. */
function item({ id, seq, changed_seq, event, message, ticket, actor, url, is_read, is_archived, created_at, timestamp }) {
  created_at ??= timestamp;
  return { id, seq, changed_seq, event, message, ticket, actor, url, is_read, is_archived, created_at };
}
