// What every page has: Bootstrap's drop-downs, the notifications, and one controller per behaviour.
import { Application } from "@hotwired/stimulus";
import "bootstrap";
import AvatarController from "natter/controllers/avatar_controller.js";
import CommentsController from "natter/controllers/comments_controller.js";
import ConfirmController from "natter/controllers/confirm_controller.js";
import ConnectionController from "natter/controllers/connection_controller.js";
import DesktopController from "natter/controllers/desktop_controller.js";
import FeedController from "natter/controllers/feed_controller.js";
import FollowController from "natter/controllers/follow_controller.js";
import FormController from "natter/controllers/form_controller.js";
import LikeController from "natter/controllers/like_controller.js";
import MentionController from "natter/controllers/mention_controller.js";
import NotificationsController from "natter/controllers/notifications_controller.js";
import OverHttpController from "natter/controllers/over_http_controller.js";
import PostController from "natter/controllers/post_controller.js";
import PresenceController from "natter/controllers/presence_controller.js";
import ThemeController from "natter/controllers/theme_controller.js";
import TimeController from "natter/controllers/time_controller.js";
import ToastController from "natter/controllers/toast_controller.js";
import UnreadConversationsController from "natter/controllers/unread-conversations_controller.js";
import { hidePeople } from "natter/hidden-people.js";
import { presence } from "natter/presence.js";
import { NotificationManager } from "natter/websocket-notifications.js";

export const application = Application.start();
application.register("avatar", AvatarController);
application.register("comments", CommentsController);
application.register("confirm", ConfirmController);
application.register("connection", ConnectionController);
application.register("desktop", DesktopController);
application.register("feed", FeedController);
application.register("follow", FollowController);
application.register("form", FormController);
application.register("like", LikeController);
application.register("mention", MentionController);
application.register("notifications", NotificationsController);
application.register("over-http", OverHttpController);
application.register("post", PostController);
application.register("presence", PresenceController);
application.register("theme", ThemeController);
application.register("time", TimeController);
application.register("toast", ToastController);
application.register("unread-conversations", UnreadConversationsController);

// Called by the page's own script when all its controllers are registered, so that none misses a frame.
export function goLive() {
  if (!document.body.dataset.userId) return;
  hidePeople();
  const notifications = new NotificationManager();
  presence.start(notifications.socket);
  notifications.start();
}
