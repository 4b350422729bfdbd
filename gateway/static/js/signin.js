// The form to sign in with.

import { Form } from "./form.js";

const find = (id) => document.getElementById(id);

export class SignIn {
  #form;

  constructor(session) {
    this.#form = new Form(
      find("sign-in"),
      "Both an email and a password are needed.",
      ({ email, password }) => session.signIn(email.trim(), password),
    );
  }

  // Shows the form, with why the user is back here and who that was.
  ask(message, email = "") {
    this.#form.say(message);
    find("password").value = "";
    find("email").value = email;
    find(email ? "password" : "email").focus();
  }
}
