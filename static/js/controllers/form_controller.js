// Sends a form without leaving the page, and shows what was wrong beside the field it is about.
import { Controller } from "@hotwired/stimulus";
import { Problem, ask, say } from "natter/http.js";

const OURS = new Set(["csrf_token", "_method"]);

export default class extends Controller {
  async submit(event) {
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    const method = this.element.elements._method?.value ?? "POST";
    try {
      const answer = await ask(method, this.element.action, this.#body());
      this.#complain({});
      this.dispatch("done", { detail: { method, answer } });
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.#complain(Object.keys(problem.fields).length ? problem.fields : { "": problem.message });
    } finally {
      this.busy = false;
    }
  }

  request(event) {
    event.preventDefault();
    this.element.requestSubmit();
  }

  clear() {
    this.element.reset();
  }

  #body() {
    const fields = [...new FormData(this.element)].filter(([name]) => !OURS.has(name));
    return fields.length ? Object.fromEntries(fields) : undefined;
  }

  #complain(fields) {
    for (const place of this.element.querySelectorAll("[data-error-for]")) {
      this.#mark(place, fields[place.dataset.errorFor] ?? "");
    }
    const unplaced = Object.keys(fields).filter((name) => !this.element.querySelector(`[data-error-for="${name}"]`));
    unplaced.forEach((name) => say(fields[name]));
  }

  #mark(place, message) {
    place.textContent = message;
    place.hidden = !message;
    const field = place.dataset.errorFor && this.element.elements[place.dataset.errorFor];
    if (!field) return;
    field.classList.toggle("is-invalid", Boolean(message));
    field.setAttribute("aria-invalid", Boolean(message));
    if (message) field.setAttribute("aria-describedby", place.id);
  }
}
