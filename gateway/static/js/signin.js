// The form to sign in with.

const find = (id) => document.getElementById(id);

export class SignIn {
  #session;

  constructor(session) {
    this.#session = session;
    find("sign-in").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  // Shows the form, with why the user is back here and who that was.
  ask(message, email = "") {
    say(message);
    find("password").value = "";
    find("email").value = email;
    find(email ? "password" : "email").focus();
  }

  async #submit() {
    const [email, password] = [find("email"), find("password")];
    const empty = [email, password].find(({ value }) => !value);
    [email, password].forEach((input) => input.removeAttribute("aria-invalid"));
    if (empty) {
      say("Both an email and a password are needed.");
      empty.setAttribute("aria-invalid", "true");
      empty.focus();
      return;
    }
    find("sign-in-button").disabled = true;
    say("");
    try {
      await this.#session.signIn(email.value.trim(), password.value);
      password.value = "";
    } catch (problem) {
      say(problem.wait ? `${problem.message} ${again(problem.wait)}` : problem.message);
      password.focus();
    } finally {
      find("sign-in-button").disabled = false;
    }
  }
}

function say(message) {
  const box = find("sign-in-message");
  box.textContent = message;
  box.hidden = !message;
}

function again(seconds) {
  const minutes = Math.ceil(seconds / 60);
  return minutes > 1 ? `Please try again in ${minutes} minutes.` : "Please try again.";
}
