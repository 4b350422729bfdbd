// What the buttons of a job do, and those of many.

import { plural } from "./format.js";
import { isActive, isReady } from "./jobs.js";
import { MAX_ARCHIVE } from "./limits.js";
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

  run(job, action, ...rest) {
    return told(() => this[action](job, ...rest), `${job.filename}: `);
  }

  runForAll(jobs, action) {
    return told(() => this[action](jobs), "");
  }

  play(job) {
    return this.#player.play(job);
  }

  download(job) {
    return this.#download(job, "", job.filename);
  }

  // Those of the job's MP3.
  async chapters(job) {
    const { signal } = this.#session;
    const found = await this.#api.chapters(job.id, signal);
    signal.throwIfAborted();
    return found;
  }

  downloadChapter(job, { number, title }) {
    return this.#download(job, `?chapter=${number}`, title);
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

  // Those of them that are ready.
  async downloadAll(jobs) {
    const { signal } = this.#session;
    const ready = jobs.filter(isReady);
    if (ready.length > MAX_ARCHIVE) {
      notice(`At most ${MAX_ARCHIVE} files fit into one ZIP. Please select fewer.`);
      return;
    }
    const ids = ready.map(({ id }) => id);
    const address = await this.#api.linkToAll(ids, signal);
    signal.throwIfAborted();
    save(address);
    announce(`${plural(ready.length, "file is", "files are")} being downloaded.`);
  }

  async deleteAll(jobs) {
    const { signal } = this.#session;
    const files = plural(jobs.length, "file", "files");
    const active = jobs.filter(isActive).length;
    const cancelled = active
      ? ` ${plural(active, "conversion is", "conversions are")} cancelled.`
      : "";
    const question = {
      title: `Delete ${files}?`,
      text: `The videos and their MP3s are removed for good.${cancelled}`,
      yes: `Delete ${files}`,
      no: "Keep",
    };
    if (!(await ask(question))) {
      return;
    }
    for (const job of jobs) {
      signal.throwIfAborted();
      await this.#drop(job);
    }
    announce(`${files} deleted.`);
  }

  // What the link to the job's MP3 gives with `query` behind it.
  async #download(job, query, name) {
    const { signal } = this.#session;
    const address = await this.#api.link(job.id, signal);
    signal.throwIfAborted();
    save(address + query);
    announce(`${name} is being downloaded.`);
  }

  async #remove(job, question, done) {
    if (await ask({ ...question, text: question.text(job.filename) })) {
      await this.#drop(job);
      announce(`${job.filename} ${done}.`);
    }
  }

  async #drop(job) {
    await this.#api.remove(job.id).catch(ignoreGone);
    if (this.#player.id === job.id) {
      this.#player.close();
    }
    this.#jobs.forget(job.id);
  }

  #key(job) {
    return this.#keys.get(job.id) ?? job.id;
  }
}

// Does `work`, for what it gives; what goes wrong is shown behind `about`, but for the end of the session.
async function told(work, about) {
  notice("");
  try {
    return await work();
  } catch (problem) {
    if (problem.status !== 401 && problem.name !== "AbortError") {
      notice(`${about}${problem.message}`);
    }
    return undefined;
  }
}

function ignoreGone(problem) {
  if (problem.status !== 404) {
    throw problem;
  }
}
