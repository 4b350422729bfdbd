// The service's API with the session's token; every function throws a Problem when it fails.

import { problemOf, unreachable } from "./problem.js";

const TIMEOUT = 30_000; // milliseconds, for answers that are short

export class Api {
  #session;

  constructor(session) {
    this.#session = session;
  }

  // One page of jobs: `{jobs, next}`; `path` is /jobs with its query, or a `next`.
  async jobs(path, signal) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]);
    const response = await this.#call(path, { signal: limit, cache: "no-store" });
    return response.json().catch(unreachable);
  }

  async remove(id) {
    await this.#call(`/jobs/${id}`, { method: "DELETE", signal: AbortSignal.timeout(TIMEOUT) });
  }

  async retry(id) {
    const request = { method: "POST", signal: AbortSignal.timeout(TIMEOUT) };
    await this.#call(`/jobs/${id}/retry`, request);
  }

  // The job's MP3 as `{blob, name}`; `progress` is called with the part that is there, 0 to 1.
  async mp3(id, progress, signal) {
    const response = await this.#call(`/jobs/${id}/mp3`, { signal });
    const total = Number(response.headers.get("Content-Length"));
    const pieces = [];
    let got = 0;
    try {
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) {
          break;
        }
        pieces.push(value);
        got += value.length;
        progress(total ? got / total : 0);
      }
    } catch (error) {
      unreachable(error);
    }
    return { blob: new Blob(pieces, { type: "audio/mpeg" }), name: nameOf(response) };
  }

  async #call(path, request) {
    const token = this.#session.token;
    const headers = { Authorization: `Bearer ${token}`, Accept: "application/json" };
    const response = await fetch(path, { ...request, headers }).catch(unreachable);
    if (response.status === 401) {
      this.#session.expire(token);
    }
    if (!response.ok) {
      throw await problemOf(response);
    }
    return response;
  }
}

// The name that the answer gives the file (RFC 6266).
function nameOf(response) {
  const disposition = response.headers.get("Content-Disposition") ?? "";
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  return encoded ? decodeURIComponent(encoded) : "sound.mp3";
}
