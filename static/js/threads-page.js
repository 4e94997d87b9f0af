// The script of the page of threads: what every page has, and its list.
import { application, goLive } from "natter/application.js";
import ThreadsController from "natter/controllers/threads_controller.js";

application.register("threads", ThreadsController);

goLive();
