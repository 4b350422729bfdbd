// The user's API keys: the list, a new one, and their end.

import { day, moment } from "./format.js";
import { Owned } from "./owned.js";
import { Shown } from "./shown.js";

// `row` is the template of a list's rows.
export function keys(section, row, api) {
  const shown = new Shown(section.querySelector(".made"), "The key is copied.");
  return new Owned(section, row, {
    missing: "A name is needed.",
    load: () => api.keys(),
    make: ({ name, lifetime }) => api.makeKey(lifetime ? { name, lifetime } : { name }),
    made: ({ key }) => shown.show(key),
    end: (id) => api.revokeKey(id),
    view: keyView,
    question: ({ name }) => ({
      title: "Revoke this API key?",
      text: `${name}: programs that use it can no longer sign in.`,
      yes: "Revoke it",
      no: "Keep it",
    }),
    ended: ({ name }) => `${name} is revoked.`,
  });
}

function keyView({ id, name, created, expires, used }) {
  const over = expires && new Date(expires) <= new Date();
  const end = over ? `Ended ${moment(expires)}` : `Ends ${day(expires)}`;
  return {
    key: id,
    name,
    details: `v2m_${id}… · made ${moment(created)}`,
    state: `${expires ? end : "No end"} · ${used ? `last used ${moment(used)}` : "never used"}`,
    look: over ? "idle" : "done",
    actions: [["revoke", "Revoke"]],
  };
}
