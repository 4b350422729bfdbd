// The files on their way to the service: a few at a time, the rest waits.

import { AT_ONCE, MAX_TRIES } from "./limits.js";

// Fires "change", and "uploaded" with `{item, job}`. An item's state is waiting, sending, resting
// (until a timer sends it again) or failed.
export class Uploads extends EventTarget {
  #start;
  #discard;
  #kept;
  #user = "";
  #paused = false;
  items = [];

  // `start(item, {begun, progress})` begins to send, as `send` does; `discard(item)` ends it for
  // good. What is in `kept` outlasts a reload.
  constructor(start, discard, kept) {
    super();
    this.#start = start;
    this.#discard = discard;
    this.#kept = kept;
  }

  get unfinished() {
    return this.items.filter((item) => item.state !== "failed").length;
  }

  add(files, fields) {
    for (const file of files) {
      const item = { key: `upload-${randomKey()}`, file, fields, url: "" };
      this.#kept.put(this.#user, item);
      this.#wait(item);
    }
    this.#next();
  }

  // From now on uploads are those of `user`: also what a reload interrupted.
  async enter(user) {
    this.#user = user;
    this.resume();
    const interrupted = await this.#kept.of(user);
    const known = new Set(this.items.map(({ key }) => key)); // a new one may have come meanwhile
    if (this.#user === user) {
      interrupted.filter(({ key }) => !known.has(key)).forEach((item) => this.#wait(item));
      this.#next();
    }
  }

  // Whether `job` is that of an upload whose answer has not come yet: both have the same id.
  expects({ id }) {
    return this.items.some(({ state, url }) => state !== "failed" && url.endsWith(id));
  }

  cancel(item) {
    this.#end(item);
    clearTimeout(item.timer);
    item.abort?.();
    this.#discard(item);
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

  // Nobody goes on with any of them.
  clear() {
    this.pause();
    this.items.forEach((item) => this.#end(item));
    this.#paused = false;
    this.#next();
  }

  #wait(item) {
    this.items.push({ ...item, state: "waiting", sent: 0, text: "", tries: 0 });
  }

  #end(item) {
    this.items = this.items.filter((other) => other !== item);
    this.#kept.remove(item);
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
    const { done, abort } = this.#start(item, {
      begun: (url) => {
        item.url = url;
        this.#kept.begun(item);
      },
      progress: (part) => {
        item.sent = part;
        this.dispatchEvent(new Event("change"));
      },
    });
    item.abort = abort;
    try {
      const job = await done;
      this.#end(item);
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
