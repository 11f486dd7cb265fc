import { useEffect, useSyncExternalStore } from "react";

import { NotificationFeed } from "../javascript/notifications.js";

// One for the whole app, so that every component shows the same badge over one socket.
export const feed = new NotificationFeed({ baseUrl: "http://127.0.0.1:8000" });

/**
 * const { unreadCount, notifications, login, markAsRead } = useNotifications();
 * After `login` the inbox is fetched, the socket opened and, whenever it breaks, opened again.
 */
export function useNotifications() {
  const state = useSyncExternalStore(feed.subscribe, feed.getState, feed.getState);

  useEffect(() => {
    if (feed.getState().signedIn) feed.connect(); // with kept tokens; otherwise `login` does it
    // A tab that comes back may have slept through a read elsewhere.
    const look = () => {
      if (document.visibilityState === "visible" && feed.getState().signedIn) feed.fetchInbox().catch(() => {});
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);

  return {
    ...state,
    login: feed.login,
    logout: feed.logout,
    markAsRead: feed.markAsRead,
    markAllAsRead: feed.markAllAsRead,
  };
}
