// The script of every page but a chat's.
import { goLive } from "natter/application.js";

goLive();
