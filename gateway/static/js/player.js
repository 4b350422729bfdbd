// Plays an MP3 in the page. An audio element cannot send a token, so the file is fetched first.

const find = (id) => document.getElementById(id);

export class Player {
  #fetchMp3;
  #fail;
  #loading = null;
  #url = "";
  #opener = null;
  id = "";

  // `fetchMp3(id, progress, signal)` gives `{blob}`; `fail(problem)` is told what went wrong.
  constructor(fetchMp3, fail) {
    this.#fetchMp3 = fetchMp3;
    this.#fail = fail;
    find("player-close").addEventListener("click", () => {
      this.close();
      this.#opener?.focus();
    });
  }

  async play(job) {
    this.close();
    this.#opener = document.activeElement;
    const loading = new AbortController();
    this.#loading = loading;
    this.id = job.id;
    find("player-name").textContent = job.filename;
    this.#show({ loading: true });
    try {
      const progress = (part) => {
        find("player-progress").value = part;
      };
      const { blob } = await this.#fetchMp3(job.id, progress, loading.signal);
      loading.signal.throwIfAborted();
      this.#start(blob);
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
    URL.revokeObjectURL(this.#url);
    this.id = "";
    find("player-name").textContent = "";
    find("player").hidden = true;
  }

  #start(blob) {
    this.#url = URL.createObjectURL(blob);
    this.#show({ loading: false });
    const audio = find("audio");
    audio.src = this.#url;
    audio.focus();
    audio.play().catch(() => {}); // a browser may want another press of the button: it is there
  }

  #show({ loading }) {
    find("player").hidden = false;
    find("player-progress").hidden = !loading;
    find("player-progress").value = 0;
    find("audio").hidden = loading;
  }
}
