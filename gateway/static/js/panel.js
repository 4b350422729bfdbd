// The place beside the pitch: the sign-in's form, or another for as long as it is needed. That one is
// made anew each time, so nothing of it is left behind.

const find = (id) => document.getElementById(id);
let other = null;

// Puts the form of the template `id` there; its "Back" calls `back`.
export function put(id, back) {
  restore();
  other = find(id).content.firstElementChild.cloneNode(true);
  other.querySelector(".back").addEventListener("click", back);
  find("sign-in").hidden = true;
  find("sign-in").after(other);
  return other;
}

export function restore() {
  other?.remove();
  other = null;
  find("sign-in").hidden = false;
}
