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
  jobs(path, signal) {
    return this.#json(path, { signal, cache: "no-store" });
  }

  async remove(id) {
    await this.#call(`/jobs/${id}`, { method: "DELETE" });
  }

  async retry(id) {
    await this.#call(`/jobs/${id}/retry`, { method: "POST" });
  }

  // The chapters of the job's MP3, in their order.
  async chapters(id, signal) {
    return (await this.#json(`/jobs/${id}/chapters`, { signal })).chapters;
  }

  // An address that gives the job's MP3 without a token.
  async link(id, signal) {
    const path = `/jobs/${id}/links?lifetime=${LINK_LIFETIME}`;
    const response = await this.#call(path, { method: "POST", signal });
    return response.headers.get("Location");
  }

  // The same for the ZIP of several; of one, its MP3.
  async linkToAll(ids, signal) {
    const body = new URLSearchParams({ ids });
    const path = `/links?lifetime=${LINK_LIFETIME}`;
    const response = await this.#call(path, { method: "POST", body, signal });
    return response.headers.get("Location");
  }

  async endLinks() {
    await this.#call("/links", { method: "DELETE" });
  }

  // How much the user has stored: `{bytes, quota}`, and more.
  usage() {
    return this.#json("/usage", { cache: "no-store" });
  }

  // The user's API keys, oldest first.
  async keys() {
    return (await this.#json("/keys", { cache: "no-store" })).keys;
  }

  // A new one, with the whole `key` for this once; `fields` are the name and, for an end, the
  // lifetime in seconds.
  makeKey(fields) {
    return this.#json("/keys", { method: "POST", body: new URLSearchParams(fields) });
  }

  async revokeKey(id) {
    await this.#call(`/keys/${id}`, { method: "DELETE" });
  }

  // The addresses of the user's webhooks, oldest first.
  async hooks() {
    return (await this.#json("/webhooks", { cache: "no-store" })).webhooks;
  }

  addHook(url) {
    return this.#json("/webhooks", { method: "POST", body: new URLSearchParams({ url }) });
  }

  async removeHook(id) {
    await this.#call(`/webhooks/${id}`, { method: "DELETE" });
  }

  // What they are signed with.
  async hookSecret() {
    return (await this.#json("/webhook-secret", { cache: "no-store" })).secret;
  }

  // Another one from now on.
  async newHookSecret() {
    return (await this.#json("/webhook-secret", { method: "POST" })).secret;
  }

  // When the user's podcast feed was made; null where there is none.
  async feedCreated() {
    return (await this.#json("/feed", { cache: "no-store" })).created;
  }

  // A new one, in place of the one before; its address is told this once.
  async makeFeed() {
    return (await this.#json("/feed", { method: "POST" })).url;
  }

  async endFeed() {
    await this.#call("/feed", { method: "DELETE" });
  }

  async #json(path, options) {
    const response = await this.#call(path, options);
    return response.json().catch(unreachable);
  }

  async #call(path, options) {
    const token = this.#session.token;
    const headers = { Authorization: `Bearer ${token}` };
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
