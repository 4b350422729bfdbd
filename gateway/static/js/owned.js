// What a user has in the account, of one kind: the list, a form for one more, and an end for each.

import { Form } from "./form.js";
import { List } from "./list.js";
import { announce, ask } from "./tell.js";

export class Owned {
  #section;
  #kind;
  #form;
  #list;
  #all = [];

  // `row` is the template of a list's rows. The kind has `missing`, what is said where nothing is
  // typed; `load()`, `make(fields)` and `end(id)`, which throw a Problem when they fail; `made(one)`;
  // `view(one)`; and of its end the `question(one)` before it and the words `ended(one)` after it.
  constructor(section, row, kind) {
    this.#section = section;
    this.#kind = kind;
    this.#form = new Form(section.querySelector("form"), kind.missing, (fields) =>
      this.#make(fields),
    );
    const title = section.querySelector("h2");
    this.#list = new List(section.querySelector("ul"), row, title, (id) => this.#end(id));
  }

  // Throws a Problem when the list does not come; it is told already.
  async load() {
    try {
      this.#show(await this.#kind.load());
    } catch (problem) {
      this.#form.say(problem.advice);
      throw problem;
    }
  }

  #show(all) {
    this.#all = all;
    this.#list.show(all.map(this.#kind.view));
    this.#section.querySelector(".empty").hidden = all.length > 0;
  }

  // One that was there already comes back as it is now.
  async #make(fields) {
    const made = await this.#kind.make(fields);
    this.#show([...this.#without(made.id), made]);
    this.#kind.made(made);
  }

  async #end(id) {
    const one = this.#all.find((other) => other.id === id);
    this.#form.say("");
    if (!(await ask(this.#kind.question(one)))) {
      return;
    }
    try {
      await this.#kind.end(id);
      announce(this.#kind.ended(one));
    } catch (problem) {
      if (problem.status !== 404) {
        this.#form.say(problem.advice);
        return;
      }
    }
    this.#show(this.#without(id));
  }

  #without(id) {
    return this.#all.filter((one) => one.id !== id);
  }
}
