// A form that asks the service for something, and says what is missing, went wrong or went well.

export class Form {
  #form;
  #missing;
  #send;
  #busy = false;

  // `missing` is said when a required field is empty; `send(fields)` throws a Problem when it fails.
  constructor(form, missing, send) {
    this.#form = form;
    this.#missing = missing;
    this.#send = send;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    form.elements.reveal?.addEventListener("change", ({ target }) => {
      this.#required.forEach((input) => (input.type = target.checked ? "text" : "password"));
    });
  }

  say(text, { good = false } = {}) {
    const box = this.#form.querySelector(".message");
    box.classList.toggle("good", good);
    box.textContent = text;
    box.hidden = !text;
  }

  get #required() {
    return [...this.#form.querySelectorAll("[required]")];
  }

  async #submit() {
    if (this.#busy || !this.#isFilledIn()) {
      return;
    }
    this.#wait(true);
    this.say("");
    try {
      await this.#send(Object.fromEntries(new FormData(this.#form)));
      this.#required.forEach((input) => (input.value = ""));
    } catch (problem) {
      this.say(problem.advice);
      this.#doubtful(problem).focus();
    } finally {
      this.#wait(false);
    }
  }

  #isFilledIn() {
    const empty = this.#required.find(({ value }) => !value);
    this.#required.forEach((input) => input.removeAttribute("aria-invalid"));
    if (empty) {
      this.say(this.#missing);
      empty.setAttribute("aria-invalid", "true");
      empty.focus();
    }
    return !empty;
  }

  // Not `disabled`: the button would lose the focus.
  #wait(busy) {
    this.#busy = busy;
    this.#form.querySelector("[type=submit]").setAttribute("aria-disabled", busy);
  }

  #doubtful({ status }) {
    const known = this.#form.querySelector("[autocomplete=current-password]");
    return (status === 401 && known) || this.#required.at(-1);
  }
}
