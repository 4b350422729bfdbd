// What the buttons of a job do.

import { jobView } from "./views.js";
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
  #session = new AbortController();
  #keys = new Map();

  constructor(api, jobs, player) {
    this.#api = api;
    this.#jobs = jobs;
    this.#player = player;
  }

  // The job takes over the row of its upload.
  adopt(job, key) {
    this.#keys.set(job.id, key);
  }

  hasAdopted({ id }) {
    return this.#keys.has(id);
  }

  view(job) {
    return jobView(job, this.#key(job));
  }

  find(key) {
    return this.#jobs.items?.find((job) => this.#key(job) === key);
  }

  // What is being asked for must not land with the next user.
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
    const { signal } = this.#session;
    const address = await this.#api.link(job.id, signal);
    signal.throwIfAborted();
    save(address);
    announce(`${job.filename} is being downloaded.`);
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

  #key(job) {
    return this.#keys.get(job.id) ?? job.id;
  }
}

function ignoreGone(problem) {
  if (problem.status !== 404) {
    throw problem;
  }
}
