// Sign-in, inbox and live notifications for any JavaScript app: browsers and Node ≥ 20, no dependencies.
// React, Vue and Angular use it through the small files beside this folder.

const WAITS = [1, 2, 5, 10, 30]; // seconds before the next try to connect; the last one repeats
const STABLE = 10_000; // milliseconds a socket has to stay open until the waits start anew
const SIGN_IN_ENDED = 4401;
const NOT_ALLOWED = 4403;

export class ApiError extends Error {
  constructor(status, body) {
    super(body?.detail ?? `HTTP ${status}`);
    this.status = status;
    this.body = body; // 400: {field: [messages]}, all others: {detail, code}
  }
}

/** Where the tokens are kept. Give your own to keep them across reloads and share them between tabs. */
export function memoryStore() {
  let tokens = null;
  return { get: () => tokens, set: (value) => void (tokens = value) };
}

export class NotificationFeed {
  #state = { notifications: [], unreadCount: 0, connected: false, signedIn: false };
  #listeners = new Set();
  #seq = 0; // the newest position whose unread count is shown
  #socket = null;
  #timer = null;
  #attempt = 0;
  #wanted = false;
  #refreshing = null;
  #fetches = 0;

  constructor({ baseUrl, store = memoryStore(), WebSocket = globalThis.WebSocket }) {
    this.baseUrl = baseUrl.replace(/\/+$/, "");
    this.store = store;
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
    const signedIn = await this.#send("POST", "/api/auth/login/", { username, password });
    this.disconnect();
    this.#forget(); // whoever was signed in before
    this.store.set({ access: signedIn.access, refresh: signedIn.refresh });
    this.#set({ signedIn: true });
    this.connect();
    return signedIn.user;
  };

  logout = async () => {
    const tokens = this.store.get();
    this.disconnect();
    try {
      if (tokens) await this.call("POST", "/api/auth/logout/", { refresh: tokens.refresh });
    } finally {
      this.#forget();
    }
  };

  /** Call the API. An expired access token is exchanged once, and the call made again. */
  call = async (method, path, body) => {
    const used = this.store.get()?.access;
    try {
      return await this.#send(method, path, body, used);
    } catch (error) {
      if (error.status !== 401 || !used) throw error;
      await this.#refresh(used);
      return await this.#send(method, path, body, this.store.get()?.access);
    }
  };

  async #send(method, path, body, access) {
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (access) headers["Authorization"] = `Bearer ${access}`;
    const response = await fetch(this.baseUrl + path, { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    let answer = null;
    try {
      answer = text ? JSON.parse(text) : null;
    } catch {
      // Not our JSON, such as a proxy's error page: the status has to do.
    }
    if (!response.ok) throw new ApiError(response.status, answer);
    return answer;
  }

  /** A refresh token works once, so all callers wait for the same exchange. */
  #refresh(used) {
    this.#refreshing ??= this.#exchange(used).finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  async #exchange(used) {
    const tokens = this.store.get();
    if (!tokens) throw new ApiError(401, { detail: "Signed out.", code: "signed_out" });
    if (tokens.access !== used) return; // exchanged already, here or in another tab
    try {
      this.store.set(await this.#send("POST", "/api/auth/refresh/", { refresh: tokens.refresh }));
    } catch (error) {
      if (error.status !== 401) throw error;
      // "token_rotated": another tab was first. It has, or will soon have, stored the new pair.
      if (error.body?.code === "token_rotated") await new Promise((resolve) => setTimeout(resolve, 500));
      if (this.store.get()?.refresh !== tokens.refresh) return;
      this.disconnect();
      this.#forget();
      throw error;
    }
  }

  #forget() {
    this.store.set(null);
    this.#seq = 0;
    this.#fetches++; // what is still on its way is not for the next person
    this.#set({ notifications: [], unreadCount: 0, connected: false, signedIn: false });
  }

  // --- The inbox ---

  fetchInbox = async () => {
    const turn = ++this.#fetches;
    const page = await this.call("GET", "/api/notifications/");
    if (turn !== this.#fetches) return; // a later call knows better
    // A frame may have overtaken this answer: what is newer than the page stays, each once.
    const listed = new Set(page.results.map((one) => one.id));
    const newer = this.#state.notifications.filter((one) => one.seq > page.seq && !listed.has(one.id));
    const notifications = [...newer, ...page.results.map(item)].sort((a, b) => b.seq - a.seq);
    this.#set({ notifications });
    this.#count(page.seq, page.unread_count);
  };

  markAsRead = async (id) => {
    const marked = await this.call("POST", `/api/notifications/${id}/mark_as_read/`);
    const notifications = this.#state.notifications.map((one) => (one.id === id ? { ...one, is_read: true } : one));
    this.#set({ notifications });
    this.#count(marked.notification.changed_seq, marked.unread_count);
  };

  markAllAsRead = async () => {
    await this.call("POST", "/api/notifications/mark_all_as_read/");
    await this.fetchInbox(); // what arrived meanwhile has stayed unread
  };

  /** `unread_count` is absolute: the newest position's count is right, whatever was missed before. */
  #count(seq, unreadCount) {
    if (seq < this.#seq) return;
    this.#seq = seq;
    this.#set({ unreadCount });
  }

  // --- Live ---

  connect = () => {
    this.#wanted = true;
    if (!this.#socket && !this.#timer) this.#open();
  };

  disconnect = () => {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#socket?.close();
    this.#socket = null;
    if (this.#state.connected) this.#set({ connected: false });
  };

  #open() {
    const access = this.store.get()?.access;
    if (!access) return;
    const url = this.baseUrl.replace(/^http/, "ws") + "/ws/notifications/?token=" + encodeURIComponent(access);
    const socket = (this.#socket = new this.WebSocket(url));
    let opened = 0;
    const look = () => void this.fetchInbox().catch(() => {}); // a 401 that lasts has signed us out already
    socket.onopen = () => {
      opened = Date.now();
      this.#set({ connected: true });
      look(); // for what came while we were away
    };
    socket.onmessage = (event) => this.#receive(JSON.parse(event.data));
    const ended = (code) => {
      if (socket !== this.#socket) return; // closed by disconnect(), or told of this already
      this.#socket = null;
      this.#set({ connected: false });
      if (!opened) look(); // no socket, but perhaps the API
      else if (Date.now() - opened > STABLE) this.#attempt = 0;
      this.#reconnect(code, access);
    };
    socket.onclose = (event) => ended(event.code);
    socket.onerror = () => opened || ended(1006); // some versions of Node say no more when they cannot connect
  }

  #receive(frame) {
    if (frame.type !== "notification") return;
    if (!this.#state.notifications.some((one) => one.id === frame.id)) {
      const arrived = item({ ...frame, is_read: false, created_at: frame.timestamp });
      this.#set({ notifications: [arrived, ...this.#state.notifications] });
    }
    this.#count(frame.seq, frame.unread_count);
  }

  #reconnect(code, access) {
    if (!this.#wanted || code === NOT_ALLOWED) return;
    const wait = WAITS[Math.min(this.#attempt++, WAITS.length - 1)] * 1000 * (0.5 + Math.random());
    this.#timer = setTimeout(async () => {
      try {
        if (code === SIGN_IN_ENDED) await this.#refresh(access);
      } catch {
        // Signed out: there is no token now and nothing opens. Anything else: the next close tries again.
      }
      this.#timer = null;
      if (this.#wanted) this.#open();
    }, wait);
  }
}

/** What a list shows, the same from the inbox and from a frame. */
function item({ id, seq, event, message, ticket, actor, url, is_read, created_at }) {
  return { id, seq, event, message, ticket, actor, url, is_read, created_at };
}
