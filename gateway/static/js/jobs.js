// The user's jobs as the service has them, asked for again and again while the page is visible.

import { BUSY_INTERVAL, IDLE_INTERVAL, PAGE } from "./limits.js";

// Fires "change" when there is something new, "ended" with a job that ended since the last look,
// "trouble" with the Problem when a look failed, "well" when one did not, and "found" with the first
// answer to what the user looks for.
export class Jobs extends EventTarget {
  #api;
  #pages = 1;
  #timer = 0;
  #looking = null;
  #removed = new Set();
  #wanted = {};
  #finding = false;
  items = null; // null until the first answer
  more = false;

  constructor(api) {
    super();
    this.#api = api;
    document.addEventListener("visibilitychange", () => this.#wake());
  }

  start() {
    this.#rest();
    this.#looking = new AbortController();
    this.#look();
  }

  stop() {
    this.#rest();
    this.#looking = null;
    this.items = null;
    this.#pages = 1;
  }

  refresh() {
    if (this.#looking) {
      this.start();
    }
  }

  // From now on only those of this `state`, with `q` in the name; all of them for neither.
  find(wanted) {
    if (JSON.stringify(wanted) !== JSON.stringify(this.#wanted)) {
      this.#wanted = wanted;
      this.#pages = 1;
      this.#finding = Boolean(this.#looking); // nobody waits for it while nobody is signed in
      this.refresh();
    }
  }

  get isNarrowed() {
    return Object.keys(this.#wanted).length > 0;
  }

  showMore() {
    this.#pages += 1;
    this.refresh();
  }

  // A job that the page knows before the list does.
  put(job) {
    if (!this.#looking) {
      return; // its user has just signed out
    }
    if (!this.isNarrowed) {
      this.items = [job, ...(this.items ?? []).filter(({ id }) => id !== job.id)];
      this.dispatchEvent(new Event("change"));
    }
    this.refresh();
  }

  // A look that is under way may still bring the job; it stays away all the same.
  forget(id) {
    this.#removed.add(id);
    this.items = this.items?.filter((job) => job.id !== id) ?? null;
    this.dispatchEvent(new Event("change"));
  }

  #rest() {
    this.#looking?.abort();
    clearTimeout(this.#timer);
  }

  #wake() {
    if (document.hidden) {
      clearTimeout(this.#timer);
    } else {
      this.refresh();
    }
  }

  async #look() {
    const { signal } = this.#looking;
    let wait;
    try {
      this.#take(await this.#fetchPages(signal));
      this.dispatchEvent(new Event("well"));
      this.#tellFound();
      wait = this.items.some(isActive) ? BUSY_INTERVAL : IDLE_INTERVAL;
    } catch (problem) {
      if (signal.aborted) {
        return;
      }
      wait = (problem.wait ?? 10) * 1000;
      this.dispatchEvent(new CustomEvent("trouble", { detail: problem }));
    }
    if (!signal.aborted && !document.hidden) {
      this.#timer = setTimeout(() => this.#look(), wait);
    }
  }

  #tellFound() {
    if (this.#finding) {
      this.#finding = false;
      this.dispatchEvent(new Event("found"));
    }
  }

  async #fetchPages(signal) {
    const jobs = [];
    let path = `/jobs?${new URLSearchParams({ limit: PAGE, ...this.#wanted })}`;
    for (let page = 0; path && page < this.#pages; page += 1) {
      const answer = await this.#api.jobs(path, signal);
      jobs.push(...answer.jobs);
      path = answer.next;
    }
    signal.throwIfAborted();
    this.more = Boolean(path);
    return jobs.filter(({ id }) => !this.#removed.has(id));
  }

  #take(jobs) {
    const before = new Map((this.items ?? []).map((job) => [job.id, job]));
    this.items = jobs;
    this.dispatchEvent(new Event("change"));
    for (const job of jobs) {
      const known = before.get(job.id);
      if (known && isActive(known) && !isActive(job)) {
        this.dispatchEvent(new CustomEvent("ended", { detail: job }));
      }
    }
  }
}

export const isReady = ({ state, mp3_removed: removed }) => state === "done" && !removed;
export const isActive = ({ state }) => state === "queued" || state === "converting";
