// Signing in and calling, for any JavaScript app: browsers and Node ≥ 20, no dependencies.

export const PATIENCE = 20_000; // milliseconds to wait for an answer

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

export class Api {
  #refreshing = null;

  /** `signedOut` is called when the session has ended, whoever ended it. */
  constructor({ baseUrl, store, signedOut }) {
    this.baseUrl = baseUrl.replace(/\/+$/, "");
    this.store = store;
    this.signedOut = signedOut;
  }

  async login(username, password) {
    const signedIn = await this.#send("POST", "/api/auth/login/", { username, password });
    this.signedOut(); // whoever was signed in before
    this.store.set({ access: signedIn.access, refresh: signedIn.refresh });
    return signedIn.user;
  }

  async logout() {
    const tokens = this.store.get();
    try {
      if (tokens) await this.call("POST", "/api/auth/logout/", { refresh: tokens.refresh });
    } finally {
      this.#forget();
    }
  }

  /** Call the API. An expired access token is exchanged once, and the call made again. */
  async call(method, path, body) {
    const used = this.store.get()?.access;
    try {
      return await this.#send(method, path, body, used);
    } catch (error) {
      if (error.status !== 401 || !used) throw error;
      await this.#refresh(used);
      return await this.#send(method, path, body, this.store.get()?.access);
    }
  }

  async #send(method, path, body, access) {
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (access) headers["Authorization"] = `Bearer ${access}`;
    const request = { method, headers, body: JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE) };
    const response = await fetch(this.baseUrl + path, request);
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
      this.#forget();
      throw error;
    }
  }

  #forget() {
    this.store.set(null);
    this.signedOut();
  }
}
