// What the buttons of a job do.

import { jobView } from "./views.js";
import { percent } from "./format.js";
import { save } from "./save.js";
import { announce, ask, notice } from "./tell.js";

const CANCEL = {
  title: "Cancel this conversion?",
  yes: "Cancel it",
  no: "Go on converting",
  text: (name) => `${name}: the video that you uploaded is removed as well.`,
};
const DELETE = {
  title: "Delete this file?",
  yes: "Delete",
  no: "Keep",
  text: (name) => `${name}: the video and its MP3 are removed for good.`,
};

export class JobActions {
  #api;
  #jobs;
  #player;
  #changed;
  #doing = new Map();
  #session = new AbortController();
  #keys = new Map();

  // `changed` is called when a row has something new to show.
  constructor(api, jobs, player, changed) {
    this.#api = api;
    this.#jobs = jobs;
    this.#player = player;
    this.#changed = changed;
  }

  // The job takes over the row of its upload.
  adopt(job, key) {
    this.#keys.set(job.id, key);
  }

  hasAdopted({ id }) {
    return this.#keys.has(id);
  }

  view(job) {
    return jobView(job, this.#key(job), this.#doing.get(job.id));
  }

  find(key) {
    return this.#jobs.items?.find((job) => this.#key(job) === key);
  }

  // Ends the downloads under way: they must not land with the next user.
  stop() {
    this.#session.abort();
    this.#session = new AbortController();
  }

  async run(job, action) {
    notice("");
    try {
      await this[action](job);
    } catch (problem) {
      if (problem.status !== 401 && problem.name !== "AbortError") {
        notice(`${job.filename}: ${problem.message}`);
      }
    }
  }

  play(job) {
    return this.#player.play(job);
  }

  async download(job) {
    if (this.#doing.has(job.id)) {
      return;
    }
    const show = (part) =>
      this.#mark(job, { state: `Fetching ${percent(part * 100)}`, value: part * 100 });
    show(0);
    try {
      save(await this.#api.mp3(job.id, show, this.#session.signal));
      announce(`${job.filename} is downloaded.`);
    } finally {
      this.#mark(job, null);
    }
  }

  cancel(job) {
    return this.#remove(job, CANCEL, "is cancelled");
  }

  delete(job) {
    return this.#remove(job, DELETE, "is deleted");
  }

  async retry(job) {
    await this.#api.retry(job.id);
    announce(`${job.filename} is in the queue again.`);
    this.#jobs.refresh();
  }

  async #remove(job, question, done) {
    if (!(await ask({ ...question, text: question.text(job.filename) }))) {
      return;
    }
    await this.#api.remove(job.id).catch(ignoreGone);
    if (this.#player.id === job.id) {
      this.#player.close();
    }
    this.#jobs.forget(job.id);
    announce(`${job.filename} ${done}.`);
  }

  #mark(job, doing) {
    if (doing) {
      this.#doing.set(job.id, doing);
    } else {
      this.#doing.delete(job.id);
    }
    this.#changed();
  }

  #key(job) {
    return this.#keys.get(job.id) ?? job.id;
  }
}

function ignoreGone(problem) {
  if (problem.status !== 404) {
    throw problem;
  }
}
