// Plays an MP3 in the page, by a link: an audio element cannot send a token.

import { Problem } from "./problem.js";

const find = (id) => document.getElementById(id);

export class Player {
  #link;
  #fail;
  #loading = null;
  #opener = null;
  id = "";

  // `link(id, signal)` gives the address of a job's MP3; `fail(problem)` is told what went wrong.
  constructor(link, fail) {
    this.#link = link;
    this.#fail = fail;
    find("player-close").addEventListener("click", () => {
      this.close();
      this.#opener?.focus();
    });
    find("audio").addEventListener("error", () => {
      this.close();
      this.#fail(
        new Problem(0, "The sound could not be fetched to its end. Please play it again."),
      );
    });
  }

  async play(job) {
    this.close();
    this.#opener = document.activeElement;
    const loading = new AbortController();
    this.#loading = loading;
    this.id = job.id;
    find("player-name").textContent = job.filename;
    try {
      const address = await this.#link(job.id, loading.signal);
      loading.signal.throwIfAborted();
      this.#start(address);
    } catch (error) {
      if (!loading.signal.aborted) {
        this.close();
        this.#fail(error);
      }
    }
  }

  close() {
    this.#loading?.abort();
    const audio = find("audio");
    audio.pause();
    audio.removeAttribute("src");
    audio.load();
    this.id = "";
    find("player-name").textContent = "";
    find("player").hidden = true;
  }

  #start(address) {
    find("player").hidden = false;
    const audio = find("audio");
    audio.src = address;
    audio.focus();
    audio.play().catch(() => {}); // a browser may want another press of the button: it is there
  }
}
