// The ways to tell the user something: a notice, an announcement for screen readers, a question.

const GATHER = 200; // milliseconds in which announcements are joined: one would cut off the other

const find = (id) => document.getElementById(id);
let pending = [];
let timer = 0;

// Shows `text` until it is replaced, or hidden with "".
export function notice(text) {
  const box = find("notice");
  box.textContent = text;
  box.hidden = !text;
}

// The same for trouble with the service, which passes by itself: the rest of the page still works.
export function connection(text) {
  const box = find("connection");
  if (box.textContent !== text) {
    box.textContent = text;
    box.hidden = !text;
  }
}

// Lets a screen reader say `text`.
export function announce(text) {
  pending.push(text);
  clearTimeout(timer);
  timer = setTimeout(() => {
    find("status").textContent = pending.join(" ");
    pending = [];
  }, GATHER);
}

// Empties every notice, announcement and question.
export function clearAll() {
  for (const id of ["notice", "connection", "status", "confirm-title", "confirm-text"]) {
    find(id).textContent = "";
  }
  find("notice").hidden = find("connection").hidden = true;
  find("confirm").close();
  pending = [];
}

// Asks before something is lost; true for yes.
export function ask({ title, text, yes, no }) {
  const dialog = find("confirm");
  find("confirm-title").textContent = title;
  find("confirm-text").textContent = text;
  find("confirm-yes").textContent = yes;
  find("confirm-no").textContent = no;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
