// The service's API with the session's token; every function throws a Problem when it fails.

import { LINK_LIFETIME } from "./limits.js";
import { unreachable } from "./problem.js";
import { request } from "./request.js";

export class Api {
  #session;

  constructor(session) {
    this.#session = session;
  }

  // One page of jobs: `{jobs, next}`; `path` is /jobs with its query, or a `next`.
  async jobs(path, signal) {
    const response = await this.#call(path, { signal, cache: "no-store" });
    return response.json().catch(unreachable);
  }

  async remove(id) {
    await this.#call(`/jobs/${id}`, { method: "DELETE" });
  }

  async retry(id) {
    await this.#call(`/jobs/${id}/retry`, { method: "POST" });
  }

  // An address that gives the job's MP3 without a token.
  async link(id, signal) {
    const path = `/jobs/${id}/links?lifetime=${LINK_LIFETIME}`;
    const response = await this.#call(path, { method: "POST", signal });
    return response.headers.get("Location");
  }

  async endLinks() {
    await this.#call("/links", { method: "DELETE" });
  }

  // The user's API keys, oldest first.
  async keys() {
    const response = await this.#call("/keys", { cache: "no-store" });
    return (await response.json().catch(unreachable)).keys;
  }

  // A new one, with the whole `key` for this once; `fields` are the name and, for an end, the
  // lifetime in seconds.
  async makeKey(fields) {
    const body = new URLSearchParams(fields);
    const response = await this.#call("/keys", { method: "POST", body });
    return response.json().catch(unreachable);
  }

  async revokeKey(id) {
    await this.#call(`/keys/${id}`, { method: "DELETE" });
  }

  async #call(path, options) {
    const token = this.#session.token;
    const headers = { Authorization: `Bearer ${token}`, Accept: "application/json" };
    try {
      return await request(path, { ...options, headers });
    } catch (problem) {
      if (problem.status === 401) {
        this.#session.expire(token);
      }
      throw problem;
    }
  }
}
