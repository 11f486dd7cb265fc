import { Injectable, OnDestroy, computed, signal } from "@angular/core";

import { NotificationFeed } from "../javascript/notifications.js";

/**
 * In a component: `notifications = inject(NotificationService)`, in its template `{{ notifications.unreadCount() }}`.
 * After `login` the list is fetched and a socket kept open, which tells of all that happens, here or on other devices.
 */
@Injectable({ providedIn: "root" })
export class NotificationService implements OnDestroy {
  private readonly feed = new NotificationFeed({ baseUrl: "http://127.0.0.1:8000" });
  private readonly state = signal(this.feed.getState());
  private readonly unsubscribe = this.feed.subscribe((now) => this.state.set(now));

  readonly notifications = computed(() => this.state().notifications);
  readonly unreadCount = computed(() => this.state().unreadCount);
  readonly unreadMessageCount = computed(() => this.state().unreadMessageCount);
  readonly typing = computed(() => this.state().typing);
  readonly present = computed(() => this.state().present);
  readonly connected = computed(() => this.state().connected);
  readonly signedIn = computed(() => this.state().signedIn);

  constructor() {
    this.connect();
    window.addEventListener("online", this.connect);
    document.addEventListener("visibilitychange", this.connect);
  }

  ngOnDestroy(): void {
    window.removeEventListener("online", this.connect);
    document.removeEventListener("visibilitychange", this.connect);
    this.unsubscribe();
    this.feed.disconnect();
  }

  login = this.feed.login;
  logout = this.feed.logout;
  markAsRead = this.feed.markAsRead;
  markAllAsRead = this.feed.markAllAsRead;
  onMessage = this.feed.onMessage;
  enter = this.feed.enter;
  leave = this.feed.leave;
  type = this.feed.type;

  // With kept tokens; otherwise `login` does it. Whoever comes back need not wait for the next try.
  private readonly connect = () => {
    if (this.signedIn()) this.feed.connect();
  };
}
