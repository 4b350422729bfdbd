// Asks for a mail whose link lets somebody choose a password.

import { Form } from "./form.js";
import { put } from "./panel.js";
import { Problem } from "./problem.js";
import { request } from "./request.js";

export const FORGOTTEN = { path: "/password/forgotten", title: "Forgot your password?" };
export const REGISTER = { path: "/registration", title: "Create an account" };

// Whether there is such a user is told in the mail alone.
const SENT = "If the address is right, a mail with a link is on its way.";
const REFUSED = {
  400: "This is no email address.",
  429: "Too many mails were asked for.",
};

// `purpose` is one of those above; `back` leads to the sign-in.
export function askForMail({ path, title }, back) {
  const view = put("by-mail", back);
  view.querySelector("h2").textContent = title;
  const form = new Form(view, "An email is needed.", async ({ email }) => {
    await send(path, email.trim());
    form.say(SENT, { good: true });
    view.querySelector(".ask").hidden = true;
    view.querySelector(".back").focus();
  });
  view.querySelector("input").focus();
}

async function send(path, email) {
  try {
    await request(path, { method: "POST", body: new URLSearchParams({ email }) });
  } catch ({ status, message, wait }) {
    throw new Problem(status, REFUSED[status] ?? message, wait);
  }
}
