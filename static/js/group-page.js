// The script of a group's page: what every page has, its socket, and what keeps the page true.
import { application, goLive } from "natter/application.js";
import ChatController from "natter/controllers/chat_controller.js";
import CopyController from "natter/controllers/copy_controller.js";
import GroupController from "natter/controllers/group_controller.js";
import PeopleController from "natter/controllers/people_controller.js";

application.register("chat", ChatController);
application.register("copy", CopyController);
application.register("group", GroupController);
application.register("people", PeopleController);

goLive();
