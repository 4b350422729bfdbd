// The rows on the page. Rows and buttons are changed in place, so that the focus stays where it is
// and a screen reader hears nothing twice. All of a stranger's text goes in as text.

import { chaptersOf } from "./chapters.js";

const MAIN_ACTIONS = new Set(["download", "retry"]);

export class List {
  #list;
  #template;
  #fallbackFocus;
  #act;
  #pick;
  #rows = new Map();

  // `fallbackFocus` gets the focus when a focused row is removed; `act(key, action)` is called for a button,
  // and of what a row unfolds with more behind it; `pick(key, on)` for the box of a row that can be picked.
  constructor(list, template, fallbackFocus, act, pick) {
    this.#list = list;
    this.#template = template;
    this.#fallbackFocus = fallbackFocus;
    this.#act = act;
    this.#pick = pick;
  }

  show(views) {
    const keys = new Set(views.map(({ key }) => key));
    for (const [key, row] of this.#rows) {
      if (!keys.has(key)) {
        this.#drop(key, row);
      }
    }
    views.forEach((view, index) => {
      const row = this.#rows.get(view.key) ?? this.#make(view.key);
      fill(row, view, (...action) => this.#act(view.key, ...action));
      if (this.#list.children[index] !== row) {
        this.#list.insertBefore(row, this.#list.children[index] ?? null);
      }
    });
  }

  #make(key) {
    const row = this.#template.content.firstElementChild.cloneNode(true);
    this.#rows.set(key, row);
    row.querySelector(".pick").addEventListener("change", ({ target }) => {
      this.#pick(key, target.checked);
    });
    return row;
  }

  #drop(key, row) {
    const focused = row.contains(document.activeElement);
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.#rows.delete(key);
    if (focused) {
      (neighbour?.querySelector("button") ?? this.#fallbackFocus).focus();
    }
  }
}

function fill(row, view, act) {
  row.dataset.look = view.look;
  fillPick(row.querySelector(".pick"), view);
  write(row.querySelector(".name"), view.name);
  row.querySelector(".name").title = view.name;
  write(row.querySelector(".details"), view.details);
  write(row.querySelector(".state"), view.state);
  fillMeter(row.querySelector(".meter"), view);
  fillActions(row.querySelector(".actions"), view, act);
  fillChapters(row, view, act);
}

function fillPick(box, { name, picked }) {
  box.hidden = picked === undefined;
  box.checked = Boolean(picked);
  box.setAttribute("aria-label", `Select ${name}`);
}

function fillMeter(meter, { name, value }) {
  meter.hidden = value === undefined;
  meter.setAttribute("aria-label", `Progress of ${name}`);
  if (value === null || value === undefined) {
    meter.removeAttribute("value");
  } else {
    meter.value = value;
  }
}

function fillActions(box, { name, actions }, act) {
  const signature = actions.map(([id]) => id).join(" ");
  if (box.dataset.signature === signature) {
    return;
  }
  const focused = box.contains(document.activeElement);
  box.dataset.signature = signature;
  box.replaceChildren(...actions.map(([id, label]) => button(id, label, name, act)));
  if (focused) {
    box.querySelector("button")?.focus();
  }
}

// They stay as they are while there are any: the user may be reading them.
function fillChapters(row, view, act) {
  const fold = row.querySelector(".chapters");
  if (!view.chapters) {
    fold?.remove();
  } else if (!fold) {
    row.append(chaptersOf(view, act));
  }
}

function button(id, label, name, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = MAIN_ACTIONS.has(id) ? "quiet main-action" : "quiet";
  made.textContent = label;
  made.setAttribute("aria-label", `${label} ${name}`);
  made.addEventListener("click", () => act(id));
  return made;
}

function write(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
