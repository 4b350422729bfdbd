// A request to the service; every other module that needs only its answer makes it here.

import { problemOf, unreachable } from "./problem.js";

const TIMEOUT = 30_000; // milliseconds, for answers that are short

// The response that is ok, or throws a Problem. `signal` ends the request before its time.
export async function request(path, { signal, headers, ...options } = {}) {
  const limit = AbortSignal.timeout(TIMEOUT);
  const response = await fetch(path, {
    ...options,
    headers: { Accept: "application/json", ...headers },
    // By the Fetch standard no browser opens its own password dialog for such a request.
    credentials: "omit",
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  }).catch(unreachable);
  if (!response.ok) {
    throw await problemOf(response);
  }
  return response;
}
