// The user's files: uploads on their way, and the jobs that they become.

import { isActive } from "./jobs.js";
import { List } from "./list.js";
import { Selection } from "./selection.js";
import { announce } from "./tell.js";
import { uploadView } from "./views.js";

const find = (id) => document.getElementById(id);

export class Files {
  #uploads;
  #jobs;
  #actions;
  #list;
  #selection;

  constructor(uploads, jobs, actions) {
    this.#uploads = uploads;
    this.#jobs = jobs;
    this.#actions = actions;
    this.#list = new List(
      find("list"),
      find("row"),
      find("list-title"),
      (...press) => this.#act(...press),
      (key, on) => this.#selection.pick(actions.find(key), on),
    );
    this.#selection = new Selection(
      () => this.show(),
      (action, some) => actions.runForAll(some, action),
    );
    uploads.addEventListener("uploaded", ({ detail }) => this.#uploaded(detail));
    jobs.addEventListener("change", () => this.show());
    jobs.addEventListener("found", () => announce(this.#found()));
    jobs.addEventListener("ended", ({ detail: { filename, state, error } }) => {
      announce(state === "done" ? `${filename} is ready.` : `${filename} failed: ${error}.`);
    });
  }

  show() {
    const { items, more } = this.#jobs;
    // The list may tell of a job before its upload's answer does: one row is enough.
    const known = (items ?? []).filter(
      (job) => this.#actions.hasAdopted(job) || !this.#uploads.expects(job),
    );
    const views = [...this.#uploads.items].reverse().map(uploadView);
    this.#selection.show(known, more);
    this.#list.show([...views, ...known.map((job) => this.#view(job))]);
    const busy = this.#uploads.unfinished + known.filter(isActive).length;
    const { isNarrowed } = this.#jobs;
    const empty = views.length + known.length === 0;
    find("count").textContent = isNarrowed ? this.#found() : busy ? `${busy} under way` : "";
    find("drop").classList.toggle("busy", busy > 0);
    find("search").hidden = !isNarrowed && known.length === 0;
    find("none").hidden = items === null || !isNarrowed || known.length > 0;
    find("empty").hidden = items === null || isNarrowed || !empty;
    find("loading").hidden = items !== null || !empty;
    find("older").hidden = !more;
  }

  // What is picked is so no more: the list shows others.
  unpick() {
    this.#selection.clear();
  }

  clear() {
    this.unpick();
    this.#list.show([]);
  }

  #view(job) {
    return { ...this.#actions.view(job), picked: this.#selection.has(job) };
  }

  #found() {
    const { items, more } = this.#jobs;
    return `${items?.length ?? 0}${more ? " or more" : ""} found`;
  }

  #uploaded({ item, job }) {
    this.#actions.adopt(job, item.key);
    this.#jobs.put(job);
    announce(`${job.filename} is uploaded.`);
  }

  #act(key, action, ...rest) {
    const item = this.#uploads.items.find((upload) => upload.key === key);
    const job = this.#actions.find(key);
    if (item) {
      return this.#uploads[action](item);
    }
    return job && this.#actions.run(job, action, ...rest);
  }
}
