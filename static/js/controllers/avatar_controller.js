// Shows a chosen picture before it is uploaded.
import { Controller } from "@hotwired/stimulus";

export default class extends Controller {
  static targets = ["image"];

  preview({ target }) {
    const [file] = target.files;
    if (!file) return;
    URL.revokeObjectURL(this.address);
    this.imageTarget.src = this.address = URL.createObjectURL(file);
  }

  disconnect() {
    URL.revokeObjectURL(this.address);
  }
}
