// The sound options: the form's fields as the API takes them, and all options in short words.

import { clock } from "./format.js";

export class Options {
  #fold;
  #form;

  constructor(fold, form, chosen) {
    this.#fold = fold;
    this.#form = form;
    const show = () => {
      const words = describe(this.fields());
      chosen.textContent = words || "standard";
    };
    form.addEventListener("input", (event) => {
      event.target.removeAttribute("aria-invalid");
      show();
    });
    form.addEventListener("reset", () => queueMicrotask(show));
    form.addEventListener("submit", (event) => event.preventDefault());
    show();
  }

  // The fields that are filled in, by the API's names.
  fields() {
    const fields = {};
    for (const [name, raw] of new FormData(this.#form)) {
      const value = raw.trim();
      if (name === "rate" && value) {
        const [field, rate] = value.split("=");
        fields[field] = rate;
      } else if (value) {
        fields[name] = value;
      }
    }
    return fields;
  }

  // Whether all fields are good; the first that is not gets the focus and the browser's words.
  check() {
    const bad = this.#form.querySelector("input:invalid");
    if (bad) {
      this.#fold.open = true;
      bad.setAttribute("aria-invalid", "true");
      bad.focus();
      bad.reportValidity();
    }
    return !bad;
  }
}

const PRESETS = { speech: "for speech", podcast: "for a podcast", music: "for music" };

// Options in a few words, for the fold's title and for a job.
export function describe(options) {
  const { preset, bitrate, quality, channels, sample_rate: rate, track } = options;
  const { start, end, cover } = options;
  const words = [
    preset && PRESETS[preset],
    bitrate && `${bitrate.replace("k", "")} kbit/s`,
    quality !== undefined && `V${quality}`,
    channels && (Number(channels) === 1 ? "mono" : "stereo"),
    rate && `${Number(rate) / 1000} kHz`,
    options.normalize && "even loudness",
    options.silence && "silences cut",
    track && `track ${track}`,
    start !== undefined && `from ${time(start)}`,
    end !== undefined && `to ${time(end)}`,
    cover !== undefined && "cover picture",
    (options.title || options.artist || options.album) && "own tags",
    options.webhook && "a webhook",
  ];
  return words.filter(Boolean).join(", ");
}

const time = (value) => (typeof value === "number" ? clock(value) : value);
