// Toasts: the newest three, made from the page's template. They never take the focus; Bootstrap keeps them while hovered or focused.
import { Toast } from "bootstrap";
import { fromTemplate } from "natter/fill.js";

const AT_MOST = 3;
const LASTS = 8_000;

export class Toasts {
  constructor(region, template) {
    Object.assign(this, { region, template });
  }

  show(record) {
    const element = fromTemplate(this.template, record);
    element.addEventListener("hidden.bs.toast", () => element.remove());
    this.region.append(element);
    Toast.getOrCreateInstance(element, { delay: LASTS }).show();
    this.#spare().forEach((old) => Toast.getOrCreateInstance(old).hide());
  }

  #spare() {
    const unused = [...this.region.children].filter((toast) => !toast.contains(document.activeElement));
    return unused.slice(0, Math.max(0, this.region.children.length - AT_MOST));
  }
}
