// The script of a chat's page: what every page has, and the controllers of a chat.
import { application, goLive } from "natter/application.js";
import ChangesController from "natter/controllers/changes_controller.js";
import ChatController from "natter/controllers/chat_controller.js";
import ComposerController from "natter/controllers/composer_controller.js";
import DeletionController from "natter/controllers/deletion_controller.js";
import EditsController from "natter/controllers/edits_controller.js";
import EmojiController from "natter/controllers/emoji_controller.js";
import HidesController from "natter/controllers/hides_controller.js";
import HistoryController from "natter/controllers/history_controller.js";
import LinesController from "natter/controllers/lines_controller.js";
import MessageToolsController from "natter/controllers/message-tools_controller.js";
import MessagesController from "natter/controllers/messages_controller.js";
import OutboxController from "natter/controllers/outbox_controller.js";
import ReactingController from "natter/controllers/reacting_controller.js";
import ReactionsController from "natter/controllers/reactions_controller.js";
import ReceiptsController from "natter/controllers/receipts_controller.js";
import ScrollerController from "natter/controllers/scroller_controller.js";
import TypingController from "natter/controllers/typing_controller.js";

application.register("changes", ChangesController);
application.register("chat", ChatController);
application.register("composer", ComposerController);
application.register("deletion", DeletionController);
application.register("edits", EditsController);
application.register("emoji", EmojiController);
application.register("hides", HidesController);
application.register("history", HistoryController);
application.register("lines", LinesController);
application.register("message-tools", MessageToolsController);
application.register("messages", MessagesController);
application.register("outbox", OutboxController);
application.register("reacting", ReactingController);
application.register("reactions", ReactionsController);
application.register("receipts", ReceiptsController);
application.register("scroller", ScrollerController);
application.register("typing", TypingController);

goLive();
