// The form that narrows the list down: by a part of the name, and by state.

const PAUSE = 250; // milliseconds without a key, after which the user has typed enough

const find = (id) => document.getElementById(id);

export class Search {
  #form = find("search");
  #ask;
  #timer = 0;

  // `look(wanted)` looks for those fields, `q` and `state`, that are filled in.
  constructor(look) {
    this.#ask = look;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#look();
    });
    this.#form.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#look(), PAUSE);
    });
    find("show-all").addEventListener("click", () => {
      this.clear();
      find("q").focus();
    });
  }

  // Shows all files again, and forgets what was looked for.
  clear() {
    this.#form.reset();
    this.#look();
  }

  #look() {
    clearTimeout(this.#timer);
    const fields = Array.from(new FormData(this.#form), ([name, raw]) => [name, raw.trim()]);
    this.#ask(Object.fromEntries(fields.filter(([, value]) => value)));
  }
}
