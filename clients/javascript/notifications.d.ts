// Types of notifications.js and of what it takes from api.js.

export interface Person {
  id: number;
  username: string;
  full_name: string;
}

export interface User extends Person {
  email: string;
  first_name: string;
  last_name: string;
  role: "ADMIN" | "DEVELOPER" | "CLIENT";
  phone_number: string;
  locale: string;
  timezone: string;
  is_active: boolean;
}

export interface TicketThen {
  id: number;
  number: string;
  title: string;
  status: string;
  status_display: string;
  priority: string;
}

export interface NotificationItem {
  id: number;
  seq: number;
  changed_seq: number;
  event: string;
  message: string;
  ticket: TicketThen | null;
  actor: Person | null;
  url: string;
  is_read: boolean;
  is_archived: boolean;
  created_at: string;
}

export interface Message {
  id: number;
  author: Person;
  body: string;
  created_at: string;
  edited_at: string | null;
  deleted_at: string | null;
}

/** `joined` and `left`: you are a member now, or no more. */
export interface MessageFrame {
  action: "posted" | "edited" | "deleted" | "read" | "joined" | "left";
  conversation: number;
  message: Message | null;
  unread_message_count: number;
  timestamp: number;
}

export interface InConversation {
  conversation: number;
  user: Person;
}

export interface FeedState {
  notifications: NotificationItem[];
  unreadCount: number;
  unreadMessageCount: number | null;
  typing: InConversation[];
  present: InConversation[];
  connected: boolean;
  signedIn: boolean;
}

export interface Tokens {
  access: string;
  refresh: string;
}

export interface TokenStore {
  get(): Tokens | null;
  set(tokens: Tokens | null): void;
}

/** What `login`, `call` and the others are rejected with when the API refuses. */
export interface ApiError extends Error {
  status: number;
  body: Record<string, unknown> | null;
}

export class NotificationFeed {
  constructor(options: { baseUrl: string; store?: TokenStore; WebSocket?: unknown });
  getState: () => FeedState;
  subscribe: (listener: (state: FeedState) => void) => () => void;
  login: (username: string, password: string) => Promise<User>;
  logout: () => Promise<void>;
  call: (method: string, path: string, body?: unknown) => Promise<any>;
  markAsRead: (id: number) => Promise<void>;
  markAllAsRead: () => Promise<void>;
  onMessage: (hearer: (frame: MessageFrame) => void) => () => void;
  enter: (conversation: number) => void;
  leave: (conversation: number) => void;
  type: (conversation: number) => void;
  connect: () => void;
  disconnect: () => void;
}
