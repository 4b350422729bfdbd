// The service's API with the session's token; every function throws a Problem when it fails.

import { LINK_LIFETIME } from "./limits.js";
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

  // An address that gives the job's MP3 without a token.
  async link(id, signal) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]);
    const path = `/jobs/${id}/links?lifetime=${LINK_LIFETIME}`;
    const response = await this.#call(path, { method: "POST", signal: limit });
    return response.headers.get("Location");
  }

  async endLinks() {
    await this.#call("/links", { method: "DELETE", signal: AbortSignal.timeout(TIMEOUT) });
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
