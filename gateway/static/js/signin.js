// The form to sign in with, and the ways for who has no password.

import { askForMail, FORGOTTEN, REGISTER } from "./bymail.js";
import { Form } from "./form.js";
import { restore } from "./panel.js";
import { request } from "./request.js";

const find = (id) => document.getElementById(id);

export class SignIn {
  #form;
  #offered = false;

  constructor(session) {
    this.#form = new Form(
      find("sign-in"),
      "Both an email and a password are needed.",
      ({ email, password }) => session.signIn(email.trim(), password),
    );
    find("forgotten").addEventListener("click", () => askForMail(FORGOTTEN, () => this.ask("")));
    find("register").addEventListener("click", () => askForMail(REGISTER, () => this.ask("")));
  }

  // Shows the form, with why the user is back here, or `good` news, and who that was.
  ask(message, { email = "", good = false } = {}) {
    restore();
    if (!this.#offered) {
      this.#offered = true;
      offer();
    }
    this.#form.say(message, { good });
    find("password").value = "";
    find("email").value = email;
    find(email ? "password" : "email").focus();
  }
}

// Only what this installation can do: without a database of its own it sends no such mail.
async function offer() {
  try {
    const response = await request("/registration");
    const { registration } = await response.json();
    find("register").hidden = registration !== "open";
  } catch ({ status }) {
    find("forgotten").hidden = status === 501;
  }
}
