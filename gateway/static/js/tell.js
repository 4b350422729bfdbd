// The ways to tell the user something: a notice that is seen, words that are heard, a question.

const GATHER = 200; // milliseconds in which words are joined, so that none cuts off the other

const find = (id) => document.getElementById(id);
let pending = [];

// Shows `text` until it is replaced or hidden with ""; a calm one is no failure.
export function notice(text, { calm = false } = {}) {
  const box = find("notice");
  box.textContent = text;
  box.hidden = !text;
  box.classList.toggle("calm", calm);
}

// The same for trouble with the service, which passes by itself: the rest of the page still works.
export function connection(text) {
  const box = find("connection");
  if (box.textContent !== text) {
    box.textContent = text;
    box.hidden = !text;
  }
}

// For a screen reader's ears.
export function announce(text) {
  if (pending.push(text) === 1) {
    setTimeout(() => {
      find("status").textContent = pending.join(" ");
      pending = [];
    }, GATHER);
  }
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
