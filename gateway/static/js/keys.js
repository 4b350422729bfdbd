// The user's API keys: the list, a new one, and their end.

import { day, moment } from "./format.js";
import { Form } from "./form.js";
import { List } from "./list.js";
import { announce, ask } from "./tell.js";

const REVOKE = { title: "Revoke this API key?", yes: "Revoke it", no: "Keep it" };

export class Keys {
  #api;
  #section;
  #form;
  #list;
  #keys = [];

  // `row` is the template of a list's rows.
  constructor(section, row, api) {
    this.#api = api;
    this.#section = section;
    this.#form = new Form(section.querySelector("form"), "A name is needed.", (fields) =>
      this.#make(fields),
    );
    const title = section.querySelector("h2");
    this.#list = new List(section.querySelector("ul"), row, title, (id) => this.#revoke(id));
    section.querySelector(".copy").addEventListener("click", () => this.#copy());
  }

  // Throws a Problem when the list does not come; it is told already.
  async load() {
    try {
      this.#show(await this.#api.keys());
    } catch (problem) {
      this.#form.say(problem.advice);
      throw problem;
    }
  }

  #show(keys) {
    this.#keys = keys;
    this.#list.show(keys.map(keyView));
    this.#section.querySelector(".empty").hidden = keys.length > 0;
  }

  async #make({ name, lifetime }) {
    const made = await this.#api.makeKey(lifetime ? { name, lifetime } : { name });
    this.#show([...this.#keys, made]);
    this.#section.querySelector(".made").hidden = false;
    this.#shown.value = made.key;
    this.#shown.focus();
    this.#shown.select();
  }

  // Not navigator.clipboard: that is missing where the page comes over plain HTTP.
  #copy() {
    this.#shown.select();
    const copied = document.execCommand("copy");
    announce(
      copied ? "The key is copied." : "It cannot be copied from here. Please copy it by hand.",
    );
  }

  async #revoke(id) {
    const { name } = this.#keys.find((key) => key.id === id);
    const text = `${name}: programs that use it can no longer sign in.`;
    this.#form.say("");
    if (!(await ask({ ...REVOKE, text }))) {
      return;
    }
    try {
      await this.#api.revokeKey(id);
      announce(`${name} is revoked.`);
    } catch (problem) {
      if (problem.status !== 404) {
        this.#form.say(problem.advice);
        return;
      }
    }
    this.#show(this.#keys.filter((key) => key.id !== id));
  }

  get #shown() {
    return this.#section.querySelector(".made input");
  }
}

function keyView({ id, name, created, expires, used }) {
  const over = expires && new Date(expires) <= new Date();
  const end = over ? `Ended ${moment(expires)}` : `Ends ${day(expires)}`;
  return {
    key: id,
    name,
    details: `v2m_${id}… · made ${moment(created)}`,
    state: `${expires ? end : "No end"} · ${used ? `last used ${moment(used)}` : "never used"}`,
    look: over ? "idle" : "done",
    actions: [["revoke", "Revoke"]],
  };
}
