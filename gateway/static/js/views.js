// What a row shows: of an upload, or of a job. Nothing here touches the page.
//
// A view is `{key, name, details, state, look, value, actions}`; `look` is idle, busy, done or
// failed; `value` is the meter's, null for one without an end, undefined for no meter; an action
// is `[id, label]`; `picked` says of a row that can be picked whether it is; `chapters` is how many its
// MP3 has.

import { bytes, day, moment, percent } from "./format.js";
import { describe } from "./options.js";

const CANCEL = ["cancel", "Cancel"];
const DELETE = ["delete", "Delete"];
const RETRY = ["retry", "Try again"];

export function uploadView(item) {
  const base = {
    key: item.key,
    name: item.file.name,
    details: [bytes(item.file.size), describe(item.fields)].filter(Boolean).join(" · "),
    look: "idle",
    actions: [CANCEL],
  };
  switch (item.state) {
    case "sending":
      return { ...base, look: "busy", ...sending(item) };
    case "failed":
      return { ...base, look: "failed", state: item.text, actions: [RETRY, ["cancel", "Remove"]] };
    default:
      return { ...base, state: item.text || "Waits for its upload" };
  }
}

function sending({ sent }) {
  const value = sent * 100;
  const state = sent < 1 ? `Uploading ${percent(value)}` : "Uploaded, being stored";
  return { state, value: sent < 1 ? value : null };
}

export function jobView(job, key) {
  const source = [job.mp3_bytes ? `from ${bytes(job.video_bytes)}` : bytes(job.video_bytes)];
  const base = {
    key,
    name: job.filename,
    details: [...source, moment(job.created), describe(job.options)].filter(Boolean).join(" · "),
  };
  return { ...base, ...STATES[job.state](job) };
}

const STATES = {
  queued: () => ({ state: "In the queue", look: "idle", actions: [CANCEL] }),
  // A file that does not tell its length has no percents.
  converting: (job) => ({
    state: job.percent ? `Converting ${percent(job.percent)}` : "Converting",
    look: "busy",
    value: job.percent || null,
    actions: [CANCEL],
  }),
  done: (job) =>
    job.mp3_removed
      ? {
          state: `Removed on ${day(job.mp3_removed)}: files are kept for a limited time`,
          look: "idle",
          actions: [DELETE],
        }
      : {
          state: `Ready, ${bytes(job.mp3_bytes ?? 0)}`,
          look: "done",
          actions: [["play", "Play"], ["download", "Download"], DELETE],
          chapters: job.mp3_chapters,
        },
  failed: (job) => ({
    state: `Failed: ${job.error}`,
    look: "failed",
    actions: job.video_removed ? [DELETE] : [RETRY, DELETE],
  }),
};
