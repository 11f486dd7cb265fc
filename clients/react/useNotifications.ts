import { useEffect, useSyncExternalStore } from "react";

import { NotificationFeed } from "../javascript/notifications.js";

// One for the whole app, so that every component shows the same badge over one socket.
export const feed = new NotificationFeed({ baseUrl: "http://127.0.0.1:8000" });

/**
 * const { unreadCount, notifications, login, markAsRead } = useNotifications();
 * After `login` the list is fetched and a socket kept open, which tells of all that happens, here or on other devices.
 */
export function useNotifications() {
  const state = useSyncExternalStore(feed.subscribe, feed.getState, feed.getState);

  useEffect(() => {
    // With kept tokens; otherwise `login` does it. Whoever comes back need not wait for the next try.
    const connect = () => {
      if (feed.getState().signedIn) feed.connect();
    };
    connect();
    window.addEventListener("online", connect);
    document.addEventListener("visibilitychange", connect);
    return () => {
      window.removeEventListener("online", connect);
      document.removeEventListener("visibilitychange", connect);
    };
  }, []);

  return {
    ...state,
    login: feed.login,
    logout: feed.logout,
    markAsRead: feed.markAsRead,
    markAllAsRead: feed.markAllAsRead,
    onMessage: feed.onMessage,
    enter: feed.enter,
    leave: feed.leave,
    type: feed.type,
  };
}
