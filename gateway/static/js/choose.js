// The link of a mail, `/#code=…`, and the form in which its reader chooses a password.

import { Form } from "./form.js";
import { put } from "./panel.js";
import { request } from "./request.js";

const CHOSEN = "Your password is set. Please sign in with it.";
const OVER = "This link has ended or was used already. Please ask for a new mail.";

// The code in the address, if there is one. It goes out of the bar and the history at once: from then
// on it is in memory alone.
export function takeCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code !== null) {
    history.replaceState(null, "", location.pathname + location.search);
  }
  return code;
}

// `done(message, good)` leads to the sign-in.
export function choosePassword(code, done) {
  const view = put("choose-password", () => done(""));
  new Form(view, "A password is needed.", async ({ password }) => {
    try {
      const body = new URLSearchParams({ code, password });
      await request("/password", { method: "POST", body });
      done(CHOSEN, { good: true });
    } catch (problem) {
      if (problem.status !== 410) {
        throw problem;
      }
      done(OVER);
    }
  });
  view.querySelector("input").focus();
}
