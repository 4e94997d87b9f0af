// Presence over the notification socket: whether one is at this page, and who of those it shows is there.
import { Activity } from "natter/activity.js";
import { PeopleShown } from "natter/people-shown.js";

const PAUSE = 60;
const BELIEVED = 5_000; // how long what was last heard stands on a page that is not live

class Presence {
  constructor() {
    this.people = new PeopleShown(() => this.#followSoon());
    this.activity = new Activity((isActive) => this.socket.send({ type: "active", is_active: isActive }));
  }

  start(socket) {
    this.socket = socket;
    document.addEventListener("natter:state", ({ detail }) => this.#stateChanged(detail));
    document.addEventListener("natter:presence", ({ detail }) => this.people.learn(detail));
    this.activity.watch();
  }

  #stateChanged({ socket, state }) {
    if (socket !== this.socket.name) return;
    if (state !== "live") return (this.doubt ??= setTimeout(() => this.people.forget(), BELIEVED));
    clearTimeout(this.doubt);
    this.doubt = undefined;
    this.follows = false;
    this.socket.send({ type: "active", is_active: this.activity.isActive });
    this.#followSoon();
  }

  #followSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const { ids } = this.people;
      if (ids.length || this.follows) this.follows = this.socket.send({ type: "presence", user_ids: ids });
    }, PAUSE);
  }
}

export const presence = new Presence();
