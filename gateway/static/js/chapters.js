// The chapters of a file below its row: a fold, which asks for them once it is opened.

import { bytes, clock, plural } from "./format.js";

const find = (id) => document.getElementById(id);

// `act("chapters")` gives the list of them, nothing where that fails; `act("downloadChapter", one)` is
// called for a button.
export function chaptersOf({ name, chapters }, act) {
  const fold = find("chapters").content.firstElementChild.cloneNode(true);
  const count = plural(chapters, "chapter", "chapters");
  const summary = fold.querySelector("summary");
  summary.textContent = count;
  summary.setAttribute("aria-label", `${count} of ${name}`);
  let asked = false;
  fold.addEventListener("toggle", async () => {
    if (!fold.open || asked) {
      return;
    }
    asked = true;
    const found = await act("chapters");
    if (found) {
      fold.querySelector(".hint").remove();
      fold.querySelector("ol").append(...found.map((one) => entry(one, act)));
    } else {
      fold.open = asked = false; // the next time it is opened it asks again
    }
  });
  return fold;
}

function entry(chapter, act) {
  const made = find("chapter").content.firstElementChild.cloneNode(true);
  const { number, title, start, end } = chapter;
  made.querySelector(".title").textContent = title;
  made.querySelector(".details").textContent =
    `${clock(start)} – ${clock(end)} · ${bytes(chapter.bytes)}`;
  const button = made.querySelector("button");
  button.setAttribute("aria-label", `Download chapter ${number}: ${title}`);
  button.addEventListener("click", () => act("downloadChapter", chapter));
  return made;
}
