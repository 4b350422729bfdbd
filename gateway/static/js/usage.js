// How much the user has stored, below their files.

import { bytes } from "./format.js";

const find = (id) => document.getElementById(id);

export class Usage {
  #api;
  #jobs;
  #known = "";

  constructor(api, jobs) {
    this.#api = api;
    this.#jobs = jobs;
    jobs.addEventListener("change", () => this.#look());
  }

  // The next user's is not known yet.
  clear() {
    this.#known = "";
    find("usage").hidden = true;
  }

  // Only a job that comes, ends or goes changes it. The list itself tells of a service that is away.
  async #look() {
    const seen = (this.#jobs.items ?? []).map(({ id, state }) => id + state).join();
    if (seen === this.#known) {
      return;
    }
    this.#known = seen;
    const usage = await this.#api.usage().catch(() => null);
    if (usage && this.#known === seen) {
      show(usage);
    }
  }
}

function show({ bytes: used, quota }) {
  const of = quota ? ` of ${bytes(quota)}` : "";
  find("usage").hidden = !used && !quota;
  find("used").textContent = `${bytes(used)}${of} used`;
  find("used-part").hidden = !quota;
  find("used-part").value = quota ? Math.min(used / quota, 1) : 0;
}
