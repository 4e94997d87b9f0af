// What the markup of a notification shows, from its frame.
export function notificationRow(frame, systemFace) {
  return {
    ...frame,
    unread: !frame.read,
    action_url: frame.data?.action_url || "/notifications/",
    avatar: frame.actor?.avatar ?? systemFace,
    method: frame.read ? "DELETE" : "PUT",
    mark: frame.read ? "Mark as unread" : "Mark as read",
  };
}
