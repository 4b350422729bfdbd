// The user's webhooks: the addresses, one more, their end, and the secret that signs.

import { moment } from "./format.js";
import { Owned } from "./owned.js";
import { Shown } from "./shown.js";
import { announce, ask } from "./tell.js";

const ANOTHER = {
  title: "Make another secret?",
  text: "For a day both sign each webhook, then the new one alone.",
  yes: "Make it",
  no: "Keep this one",
};

const say = ({ advice }) => announce(advice);

// `row` is the template of a list's rows.
export function hooks(section, row, api) {
  const shown = new Shown(section.querySelector(".made"), "The secret is copied.");
  const show = (load) => load().then((secret) => shown.show(secret), say);
  section.querySelector(".show").addEventListener("click", () => show(() => api.hookSecret()));
  section.querySelector(".another").addEventListener("click", async () => {
    if (await ask(ANOTHER)) {
      await show(() => api.newHookSecret());
    }
  });
  return new Owned(section, row, {
    missing: "An address is needed.",
    load: () => api.hooks(),
    make: ({ url }) => api.addHook(url),
    made: ({ url }) => announce(`${url} is told from now on.`),
    end: (id) => api.removeHook(id),
    view: hookView,
    question: ({ url }) => ({
      title: "Remove this webhook?",
      text: `${url} is told nothing any more.`,
      yes: "Remove it",
      no: "Keep it",
    }),
    ended: ({ url }) => `${url} is removed.`,
  });
}

function hookView({ id, url, created, enabled, outcome, attempted }) {
  const last = attempted ? `Last attempt ${moment(attempted)}: ${outcome}` : "Nothing sent yet";
  return {
    key: id,
    name: url,
    details: `added ${moment(created)}`,
    state: enabled ? last : `Ended ${moment(attempted)}: it is gone. Add it again to go on.`,
    look: lookOf(enabled, outcome),
    actions: [["remove", "Remove"]],
  };
}

function lookOf(enabled, outcome) {
  if (!enabled) {
    return "idle";
  }
  return outcome === null || outcome.startsWith("2") ? "done" : "failed";
}
