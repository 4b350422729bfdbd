// Who is signed in. The token lives in this tab alone: in memory, and in sessionStorage so that a
// reload keeps it; it never becomes part of a URL.

import { problemOf, unreachable } from "./problem.js";

const KEY = "video2mp3.token";
const TIMEOUT = 30_000; // milliseconds

export class Session extends EventTarget {
  #token = stored();

  get token() {
    return this.#token;
  }

  // The user's name as the token says it; only shown, never trusted.
  get user() {
    try {
      const payload = this.#token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
      const bytes = Uint8Array.from(atob(payload), (c) => c.charCodeAt(0));
      return JSON.parse(new TextDecoder().decode(bytes)).username;
    } catch {
      return "";
    }
  }

  // Fires "begin", or throws a Problem.
  async signIn(email, password) {
    const bytes = new TextEncoder().encode(`${email}:${password}`);
    const headers = { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
    const request = {
      method: "POST",
      headers,
      // By the Fetch standard no browser opens its own password dialog for such a request.
      credentials: "omit",
      signal: AbortSignal.timeout(TIMEOUT),
    };
    const response = await fetch("/login", request).catch(unreachable);
    if (!response.ok) {
      throw await problemOf(response);
    }
    this.#token = (await response.text()).trim();
    store(this.#token);
    this.dispatchEvent(new Event("begin"));
  }

  // Ends every token of the user. The tab forgets its own at once, whatever the server answers.
  signOut() {
    const request = {
      method: "POST",
      headers: { Authorization: `Bearer ${this.#token}` },
      keepalive: true, // also when the tab is closed
      signal: AbortSignal.timeout(TIMEOUT),
    };
    fetch("/logout", request).catch(() => {});
    this.end("signed out");
  }

  // Fires "end" with the reason, "expired" or "signed out".
  end(reason) {
    if (this.#token) {
      const user = this.user;
      this.#token = "";
      store("");
      this.dispatchEvent(new CustomEvent("end", { detail: { reason, user } }));
    }
  }

  // A late answer to an older token must not end the session that replaced it.
  expire(token) {
    if (token === this.#token) {
      this.end("expired");
    }
  }
}

function stored() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // storage is switched off: memory has to do
  }
}

function store(token) {
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // as above
  }
}
