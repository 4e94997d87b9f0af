// The script of the page of all conversations: what every page has, the list, and the names of people to start one with.
import { application, goLive } from "natter/application.js";
import ConversationsController from "natter/controllers/conversations_controller.js";
import PeopleController from "natter/controllers/people_controller.js";
import UnreadThreadsController from "natter/controllers/unread-threads_controller.js";

application.register("conversations", ConversationsController);
application.register("people", PeopleController);
application.register("unread-threads", UnreadThreadsController);

goLive();
