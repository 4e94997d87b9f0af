// The buttons of a toast, and where the focus goes when a focused toast leaves.
import { Controller } from "@hotwired/stimulus";
import { Toast } from "bootstrap";

export default class extends Controller {
  static values = { id: String };

  connect() {
    this.element.addEventListener("focusin", ({ relatedTarget }) => {
      if (relatedTarget && !this.element.contains(relatedTarget)) this.before = relatedTarget;
    });
    this.element.addEventListener("hide.bs.toast", () => {
      if (this.element.contains(document.activeElement)) (this.before ?? document.getElementById("main")).focus();
    });
  }

  open() {
    if (this.idValue) this.#read({ leaving: true });
  }

  mark() {
    this.#read({ leaving: false });
    this.#hide();
  }

  // Read or withdrawn elsewhere: nothing is left to say.
  read({ detail: { ids } }) {
    if (ids === "all" || ids.includes(this.idValue)) this.#hide();
  }

  #read({ leaving }) {
    document.dispatchEvent(new CustomEvent("natter:mark-read", { detail: { id: this.idValue, leaving } }));
  }

  #hide() {
    Toast.getOrCreateInstance(this.element).hide();
  }
}
