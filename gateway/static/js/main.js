// Puts the page's parts together.

import { Account } from "./account.js";
import { JobActions } from "./actions.js";
import { Api } from "./api.js";
import { choosePassword, takeCode } from "./choose.js";
import { collect } from "./drop.js";
import { Files } from "./files.js";
import { plural } from "./format.js";
import { Jobs } from "./jobs.js";
import { Kept } from "./kept.js";
import { endLinks, showEnded } from "./links.js";
import { Options } from "./options.js";
import { Player } from "./player.js";
import { Search } from "./search.js";
import { discard, send } from "./send.js";
import { Session } from "./session.js";
import { SignIn } from "./signin.js";
import { announce, ask, connection, clearAll, notice } from "./tell.js";
import { Uploads } from "./uploads.js";
import { Usage } from "./usage.js";

const ENDED = {
  expired: "Your session has ended. Please sign in again.",
  changed: "Your password is changed. Please sign in with the new one.",
  "signed out": "",
  "by a link": "",
};

const find = (id) => document.getElementById(id);

const session = new Session();
const api = new Api(session);
const jobs = new Jobs(api);
const signIn = new SignIn(session);
const options = new Options(find("options"), find("options-form"), find("chosen"));
const uploads = new Uploads(
  (item, tell) => send(session, item, tell),
  (item) => discard(session, item),
  new Kept(),
);
const player = new Player(
  (...request) => api.link(...request),
  (problem) => problem.status === 401 || notice(problem.message),
);
const actions = new JobActions(api, jobs, player);
const files = new Files(uploads, jobs, actions);
const search = new Search((wanted) => {
  files.unpick();
  jobs.find(wanted);
});
const usage = new Usage(api, jobs);
const account = new Account(session, api, rest);
let lastUser = ""; // whose uploads wait while nobody is signed in

function add(added) {
  const good = options.check();
  notice(good ? "" : "Nothing was added. Please correct the sound options first.");
  if (good) {
    search.clear(); // whatever was looked for, a new file is seen
    uploads.add(added, options.fields());
    announce(`${plural(added.length, "file is", "files are")} being uploaded.`);
  }
}

function enter() {
  notice("");
  if (lastUser && lastUser !== session.user) {
    const lost = plural(uploads.items.length, "upload", "uploads");
    notice(uploads.items.length ? `${lost} of the last user ended with that session.` : "");
    forget();
  }
  lastUser = session.user;
  find("user").textContent = session.user;
  page({ signedIn: true });
  jobs.start();
  uploads.enter(session.user);
  find("main").focus();
}

// A token that ends meanwhile is sent by nobody.
async function rest(work) {
  uploads.pause();
  jobs.stop();
  try {
    await work();
  } finally {
    if (session.token) {
      jobs.start();
      uploads.resume();
    }
  }
}

function leave({ detail: { reason, user } }) {
  uploads.pause();
  jobs.stop();
  actions.stop();
  player.close();
  account.close();
  showEnded(false);
  clearAll();
  if (reason === "signed out") {
    forget();
  }
  page({ signedIn: false });
  search.clear();
  files.clear();
  usage.clear();
  signIn.ask(ended(reason), { email: ENDED[reason] && user });
}

// What one user leaves must not meet the next one.
function forget() {
  uploads.clear();
  find("options-form").reset();
  find("user").textContent = "";
  lastUser = "";
}

function ended(reason) {
  const text = ENDED[reason];
  const waiting = plural(uploads.unfinished, "upload goes", "uploads go");
  return text && uploads.unfinished ? `${text} ${waiting} on after that.` : text;
}

function page({ signedIn }) {
  find("signed-in").hidden = !signedIn;
  find("account").hidden = !signedIn;
  find("signed-out").hidden = signedIn;
}

async function signOut() {
  const count = plural(uploads.unfinished, "upload is", "uploads are");
  const question = {
    title: "Sign out now?",
    text: `${count} not finished and would be lost. What is being converted goes on.`,
    yes: "Sign out",
    no: "Stay",
  };
  if (!uploads.unfinished || (await ask(question))) {
    session.signOut();
  }
}

// Whether the page was opened by the link of a mail, which is followed whoever is signed in here.
function follow() {
  const code = takeCode();
  if (code) {
    session.end("by a link");
    page({ signedIn: false });
    choosePassword(code, (...news) => signIn.ask(...news));
  }
  return Boolean(code);
}

session.addEventListener("begin", enter);
session.addEventListener("end", leave);
uploads.addEventListener("change", () => session.token && files.show());
jobs.addEventListener("trouble", ({ detail }) => connection(`${detail.message} Trying again.`));
jobs.addEventListener("well", () => connection(""));
find("sign-out").addEventListener("click", signOut);
find("end-links").addEventListener("click", () => endLinks(api));
find("older").addEventListener("click", () => jobs.showMore());
window.addEventListener("beforeunload", (event) => uploads.unfinished && event.preventDefault());
collect({
  area: find("drop"),
  button: find("choose"),
  input: find("files"),
  enabled: () => !find("signed-in").hidden && !find("confirm").open,
  take: add,
  refuse: () => notice("A folder cannot be converted. Please drop the files in it."),
});

window.addEventListener("hashchange", follow);
if (!follow()) {
  if (session.token) {
    enter();
  } else {
    page({ signedIn: false });
    signIn.ask("");
  }
}
