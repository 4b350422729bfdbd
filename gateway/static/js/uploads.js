// The files on their way to the service: a few at a time, the rest waits.

import { AT_ONCE, MAX_TRIES } from "./limits.js";

let count = 0;

// Fires "change", and "uploaded" with `{item, job}`. An item's state is waiting, sending, resting
// (until a timer sends it again) or failed.
export class Uploads extends EventTarget {
  #start;
  #paused = false;
  items = [];

  // `start(item, progress)` begins to send, as `send` does.
  constructor(start) {
    super();
    this.#start = start;
  }

  get unfinished() {
    return this.items.filter((item) => item.state !== "failed").length;
  }

  // `jobs` are those that cannot be these files'.
  add(files, fields, jobs) {
    const others = new Set(jobs.map(({ id }) => id));
    for (const file of files) {
      const base = { key: `upload-${++count}`, file, fields, others, idempotencyKey: randomKey() };
      this.items.push({ ...base, state: "waiting", sent: 0, text: "", tries: 0 });
    }
    this.#next();
  }

  // Whether `job` seems to be that of an upload whose answer has not come yet.
  expects({ id, video_bytes }) {
    const same = ({ state, others, file }) =>
      state !== "failed" && !others.has(id) && file.size === video_bytes;
    return this.items.some(same);
  }

  cancel(item) {
    this.items = this.items.filter((other) => other !== item);
    clearTimeout(item.timer);
    item.abort?.();
    this.#next();
  }

  retry(item) {
    Object.assign(item, { state: "waiting", tries: 0, text: "" });
    this.#next();
  }

  // Stops everything under way and keeps it, for `resume`.
  pause() {
    this.#paused = true;
    for (const item of this.items.filter(({ state }) => state !== "failed")) {
      clearTimeout(item.timer);
      item.state = "waiting";
      item.abort?.();
    }
  }

  resume() {
    this.#paused = false;
    this.#next();
  }

  clear() {
    this.pause();
    this.items = [];
    this.resume();
  }

  #next() {
    const free = AT_ONCE - this.items.filter(({ state }) => state === "sending").length;
    if (!this.#paused && free > 0) {
      const waiting = this.items.filter(({ state }) => state === "waiting");
      waiting.slice(0, free).forEach((item) => this.#send(item));
    }
    this.dispatchEvent(new Event("change"));
  }

  async #send(item) {
    Object.assign(item, { state: "sending", sent: 0, text: "", tries: item.tries + 1 });
    const { done, abort } = this.#start(item, (part) => {
      item.sent = part;
      this.dispatchEvent(new Event("change"));
    });
    item.abort = abort;
    try {
      const job = await done;
      this.items = this.items.filter((other) => other !== item);
      this.dispatchEvent(new CustomEvent("uploaded", { detail: { item, job } }));
    } catch (error) {
      if (item.abort === abort && item.state === "sending") {
        this.#failed(item, error);
      }
    }
    this.#next();
  }

  #failed(item, problem) {
    const { message, status, wait } = problem;
    if (status === 401) {
      Object.assign(item, { state: "waiting", tries: 0 }); // the end of the session pauses all
    } else if (wait && (status === 429 || item.tries < MAX_TRIES)) {
      Object.assign(item, { state: "resting", text: `${message} Trying again in ${wait} s.` });
      item.timer = setTimeout(() => {
        item.state = "waiting";
        this.#next();
      }, wait * 1000);
    } else {
      Object.assign(item, { state: "failed", text: message });
    }
  }
}

// Not crypto.randomUUID: that is missing where the page comes over plain HTTP.
function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
