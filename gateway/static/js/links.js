// The switch that ends every link to the user's files.

import { announce, ask, notice } from "./tell.js";

const END = {
  title: "End all links?",
  text: "Every link to your files that was made until now stops working, also those in your mails, and so does your podcast feed. The files stay.",
  yes: "End them",
  no: "Keep them",
};

const find = (id) => document.getElementById(id);

// Whether the page says that they have ended.
export function showEnded(ended) {
  find("links-ended").hidden = !ended;
}

export async function endLinks(api) {
  notice("");
  showEnded(false);
  if (!(await ask(END))) {
    return;
  }
  try {
    await api.endLinks();
    showEnded(true);
    announce(find("links-ended").textContent);
  } catch (problem) {
    notice(problem.status === 401 ? "" : problem.message);
  }
}
