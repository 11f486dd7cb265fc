import { computed, onScopeDispose, shallowRef } from "vue";

import { NotificationFeed } from "../javascript/notifications.js";

// One for the whole app, so that every component shows the same badge over one socket.
export const feed = new NotificationFeed({ baseUrl: "http://127.0.0.1:8000" });

/**
 * const { unreadCount, notifications, login, markAsRead } = useNotifications();
 * After `login` the inbox is fetched, the socket opened and, whenever it breaks, opened again.
 */
export function useNotifications() {
  const state = shallowRef(feed.getState());
  const unsubscribe = feed.subscribe((now) => (state.value = now));
  const signedIn = computed(() => state.value.signedIn);
  if (signedIn.value) feed.connect(); // with kept tokens; otherwise `login` does it

  // A tab that comes back may have slept through a read elsewhere.
  const look = () => {
    if (document.visibilityState === "visible" && signedIn.value) feed.fetchInbox().catch(() => {});
  };
  document.addEventListener("visibilitychange", look);

  onScopeDispose(() => {
    unsubscribe();
    document.removeEventListener("visibilitychange", look);
  });

  return {
    notifications: computed(() => state.value.notifications),
    unreadCount: computed(() => state.value.unreadCount),
    connected: computed(() => state.value.connected),
    signedIn,
    login: feed.login,
    logout: feed.logout,
    markAsRead: feed.markAsRead,
    markAllAsRead: feed.markAllAsRead,
  };
}
