// The script of every page that has none of its own.
import { goLive } from "natter/application.js";

goLive();
