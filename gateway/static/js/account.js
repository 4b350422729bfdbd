// The view of the user's account. It is made when it is opened and gone when it is left: with it goes
// what was typed there, and the key that is shown once.

import { Feed } from "./feed.js";
import { Form } from "./form.js";
import { hooks } from "./hooks.js";
import { keys } from "./keys.js";
import { Problem } from "./problem.js";

const CHANGED = "The password is changed. Every other session of yours has ended.";

const told = () => {};
const find = (id) => document.getElementById(id);

export class Account {
  #session;
  #api;
  #rest;
  #view = null;

  // `rest(work)` does `work` while nothing else asks the service.
  constructor(session, api, rest) {
    this.#session = session;
    this.#api = api;
    this.#rest = rest;
    find("account-open").addEventListener("click", () => this.#open());
  }

  close() {
    this.#view?.remove();
    this.#view = null;
  }

  #open() {
    if (!this.#view) {
      this.#make();
    }
    this.#view.querySelector("h1").focus();
  }

  #make() {
    const view = find("account-view").content.firstElementChild.cloneNode(true);
    this.#view = view;
    view.querySelector(".who").textContent = this.#session.user;
    view.querySelector("[name=username]").value = this.#session.user;
    view.querySelector(".back").addEventListener("click", () => this.#leave());
    const form = new Form(
      view.querySelector(".password"),
      "Both passwords are needed.",
      async (fields) => {
        await this.#change(fields);
        form.say(CHANGED, { good: true });
      },
    );
    find("signed-in").hidden = true;
    find("signed-in").after(view);
    keys(view.querySelector(".keys"), find("row"), this.#api).load().catch(switchOff(view));
    new Feed(view.querySelector(".feed"), this.#api).load();
    hooks(view.querySelector(".hooks"), find("row"), this.#api).load().catch(told);
  }

  #leave() {
    this.close();
    find("signed-in").hidden = false;
    find("account-open").focus();
  }

  async #change({ current, password }) {
    try {
      await this.#rest(() => this.#session.changePassword(current, password));
    } catch (problem) {
      throw problem.status === 401 ? new Problem(401, "The current password is wrong.") : problem;
    }
  }
}

// Without a database of its own the service can neither end a session nor keep a key.
const switchOff = (view) => (problem) => {
  if (problem.status === 501) {
    view.querySelectorAll(".password, .keys").forEach((panel) => panel.remove());
    view.querySelector(".off").hidden = false;
  }
};
