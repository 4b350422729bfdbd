// A text that is shown to be copied, once there is one.

import { announce } from "./tell.js";

export class Shown {
  #box;

  // `copied` is said once it is copied.
  constructor(box, copied) {
    this.#box = box;
    box.querySelector(".copy").addEventListener("click", () => this.#copy(copied));
  }

  show(text) {
    this.#box.hidden = false;
    this.#input.value = text;
    this.#input.focus();
    this.#input.select();
  }

  hide() {
    this.#box.hidden = true;
    this.#input.value = "";
  }

  // Not navigator.clipboard: that is missing where the page comes over plain HTTP.
  #copy(copied) {
    this.#input.select();
    const done = document.execCommand("copy");
    announce(done ? copied : "It cannot be copied from here. Please copy it by hand.");
  }

  get #input() {
    return this.#box.querySelector("input");
  }
}
