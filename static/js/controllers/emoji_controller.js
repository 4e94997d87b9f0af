// Choosing any emoji: the picker is fetched when it is first wanted; it knows skin tones, search, and those used most.
import { Controller } from "@hotwired/stimulus";
import { say } from "natter/http.js";

export default class extends Controller {
  static targets = ["panel"];

  async open({ detail: { row } }) {
    this.row = row;
    this.panelTarget.hidden = false;
    try {
      this.picker ??= await this.#made();
    } catch {
      this.close();
      return say("The emoji could not be fetched. Please try again.");
    }
    this.picker.className = document.documentElement.dataset.bsTheme;
    this.#place();
    this.picker.shadowRoot.querySelector("input")?.focus({ preventScroll: true });
  }

  choose({ detail: { unicode } }) {
    const { row } = this;
    this.close();
    this.dispatch("chosen", { detail: { row, emoji: unicode } });
  }

  close(event) {
    event?.stopPropagation();
    if (this.panelTarget.hidden) return;
    this.panelTarget.hidden = true;
    this.row?.querySelector(".message-link").focus({ preventScroll: true });
  }

  left({ relatedTarget }) {
    if (relatedTarget && !this.panelTarget.contains(relatedTarget)) this.panelTarget.hidden = true;
  }

  // Its styles as a sheet of its own: a <style> would be refused here.
  async #made() {
    const { default: Picker } = await import("emoji-picker-element");
    const picker = new Picker({ dataSource: this.panelTarget.dataset.source, locale: "en" });
    const style = picker.shadowRoot.querySelector("style");
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style.textContent);
    picker.shadowRoot.adoptedStyleSheets = [sheet];
    style.remove();
    this.panelTarget.append(picker);
    return picker;
  }

  // Beside the message, as far as there is room; on a phone the stylesheet puts it at the bottom.
  #place() {
    const frame = this.element.getBoundingClientRect();
    const bubble = this.row.querySelector(".bubble").getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.panelTarget;
    const left = (this.row.classList.contains("is-mine") ? bubble.right - width : bubble.left) - frame.left;
    this.panelTarget.style.left = `${Math.max(8, Math.min(left, frame.width - width - 8))}px`;
    this.panelTarget.style.top = `${Math.max(8, Math.min(bubble.bottom - frame.top + 6, frame.height - height - 8))}px`;
  }
}
