// The files that the user has picked, and the bar for all of them at once.

import { isReady } from "./jobs.js";

const find = (id) => document.getElementById(id);

export class Selection {
  #picked = new Set();
  #listed = [];
  #change;

  // `change()` is called after a pick, `act(action, jobs)` for a button.
  constructor(change, act) {
    this.#change = change;
    find("pick-all").addEventListener("change", ({ target }) => {
      this.#listed.forEach(({ id }) => this.#set(id, target.checked));
      change();
    });
    find("download-picked").addEventListener("click", () => act("downloadAll", this.#jobs));
    find("delete-picked").addEventListener("click", () => act("deleteAll", this.#jobs));
  }

  has({ id }) {
    return this.#picked.has(id);
  }

  pick({ id }, on) {
    this.#set(id, on);
    this.#change();
  }

  clear() {
    this.#picked.clear();
  }

  // The jobs in the list now, and whether there are more of them. What is not seen is not acted upon.
  show(jobs, more) {
    this.#listed = jobs;
    const picked = this.#jobs;
    const all = find("pick-all");
    all.checked = picked.length > 0 && picked.length === jobs.length;
    all.indeterminate = picked.length > 0 && picked.length < jobs.length;
    find("pick-all-label").textContent = more ? "Select all that are shown" : "Select all";
    find("picking").hidden = jobs.length === 0;
    this.#offer(picked.length, picked.filter(isReady).length);
  }

  get #jobs() {
    return this.#listed.filter((job) => this.has(job));
  }

  #set(id, on) {
    if (on) {
      this.#picked.add(id);
    } else {
      this.#picked.delete(id);
    }
  }

  #offer(picked, ready) {
    const buttons = find("picked-actions");
    if (picked === 0 && buttons.contains(document.activeElement)) {
      find("list-title").focus();
    }
    buttons.hidden = picked === 0;
    find("picked").textContent = picked ? `${picked} selected` : "";
    find("download-picked").hidden = ready === 0;
    find("download-picked").textContent = ready === 1 ? "Download 1" : `Download ${ready} as ZIP`;
    find("delete-picked").textContent = `Delete ${picked}`;
  }
}
