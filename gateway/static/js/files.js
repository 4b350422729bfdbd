// The user's files: uploads on their way, and the jobs that they become.

import { isActive } from "./jobs.js";
import { List } from "./list.js";
import { announce } from "./tell.js";
import { uploadView } from "./views.js";

const find = (id) => document.getElementById(id);

export class Files {
  #uploads;
  #jobs;
  #actions;
  #list;

  constructor(uploads, jobs, actions) {
    this.#uploads = uploads;
    this.#jobs = jobs;
    this.#actions = actions;
    this.#list = new List(find("list"), find("row"), find("list-title"), (key, action) =>
      this.#act(key, action),
    );
    uploads.addEventListener("uploaded", ({ detail }) => this.#uploaded(detail));
    jobs.addEventListener("change", () => this.show());
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
    this.#list.show([...views, ...known.map((job) => this.#actions.view(job))]);
    const busy = this.#uploads.unfinished + known.filter(isActive).length;
    const empty = views.length + known.length === 0;
    find("count").textContent = busy ? `${busy} under way` : "";
    find("drop").classList.toggle("busy", busy > 0);
    find("empty").hidden = items === null || !empty;
    find("loading").hidden = items !== null || !empty;
    find("older").hidden = !more;
  }

  clear() {
    this.#list.show([]);
  }

  #uploaded({ item, job }) {
    this.#actions.adopt(job, item.key);
    this.#jobs.put(job);
    announce(`${job.filename} is uploaded.`);
  }

  #act(key, action) {
    const item = this.#uploads.items.find((upload) => upload.key === key);
    const job = this.#actions.find(key);
    if (item) {
      this.#uploads[action](item);
    } else if (job) {
      this.#actions.run(job, action);
    }
  }
}
