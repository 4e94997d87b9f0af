// A list of posts: newer ones are counted, and fetched as the page draws them when one asks for them.
import { Controller } from "@hotwired/stimulus";
import { isFirstPage } from "natter/watched.js";

export default class extends Controller {
  static targets = ["list", "button", "words", "empty"];

  initialize() {
    this.news = new Set();
  }

  count({ detail: { post_id, username } }) {
    if (!isFirstPage() || document.getElementById(`post-${post_id}`)) return;
    this.news.add(post_id);
    if (username === document.body.dataset.username) return this.load();
    this.#show();
  }

  async load() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const newest = Math.max(0, ...[...this.listTarget.children].map((post) => Number(post.dataset.postIdValue)));
    const posts = [...page.querySelectorAll(".post")].filter((post) => Number(post.dataset.postIdValue) > newest);
    posts.forEach((post) => post.classList.add("is-new"));
    this.listTarget.prepend(...posts.map((post) => document.adoptNode(post)));
    this.emptyTarget.hidden = this.listTarget.children.length > 0;
    this.news.clear();
    this.#show();
  }

  show() {
    this.element.scrollIntoView({ block: "start" });
    return this.load();
  }

  #show() {
    const count = this.news.size;
    this.buttonTarget.hidden = !count;
    this.wordsTarget.textContent = count === 1 ? "1 new post" : `${count} new posts`;
  }
}
