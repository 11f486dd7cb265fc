import { Injectable, OnDestroy, computed, signal } from "@angular/core";

import { NotificationFeed } from "../javascript/notifications.js";

/**
 * In a component: `notifications = inject(NotificationService)`, in its template `{{ notifications.unreadCount() }}`.
 * After `login` the inbox is fetched, the socket opened and, whenever it breaks, opened again.
 */
@Injectable({ providedIn: "root" })
export class NotificationService implements OnDestroy {
  private readonly feed = new NotificationFeed({ baseUrl: "http://127.0.0.1:8000" });
  private readonly state = signal(this.feed.getState());
  private readonly unsubscribe = this.feed.subscribe((now) => this.state.set(now));

  readonly notifications = computed(() => this.state().notifications);
  readonly unreadCount = computed(() => this.state().unreadCount);
  readonly connected = computed(() => this.state().connected);
  readonly signedIn = computed(() => this.state().signedIn);

  constructor() {
    document.addEventListener("visibilitychange", this.look);
    if (this.signedIn()) this.feed.connect(); // with kept tokens; otherwise `login` does it
  }

  ngOnDestroy(): void {
    document.removeEventListener("visibilitychange", this.look);
    this.unsubscribe();
    this.feed.disconnect();
  }

  login = this.feed.login;
  logout = this.feed.logout;
  markAsRead = this.feed.markAsRead;
  markAllAsRead = this.feed.markAllAsRead;

  // A tab that comes back may have slept through a read elsewhere.
  private readonly look = () => {
    if (document.visibilityState === "visible" && this.signedIn()) this.feed.fetchInbox().catch(() => {});
  };
}
