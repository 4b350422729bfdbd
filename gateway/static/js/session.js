// Who is signed in. The token lives in this tab alone: in memory, and in sessionStorage so that a
// reload keeps it; it never becomes part of a URL.

import { unreachable } from "./problem.js";
import { request } from "./request.js";

const KEY = "video2mp3.token";

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
    this.#keep(await login(email, password));
    this.dispatchEvent(new Event("begin"));
  }

  // Ends every token of the user. The tab forgets its own at once, whatever the server answers.
  signOut() {
    const headers = { Authorization: `Bearer ${this.#token}` };
    // keepalive: also when the tab is closed
    request("/logout", { method: "POST", headers, keepalive: true }).catch(() => {});
    this.end("signed out");
  }

  // Throws a Problem when the password stays as it is. With the old one every token of the user ends:
  // the tab takes a new one, or the session ends for the reason "changed".
  async changePassword(current, password) {
    const { user } = this;
    const token = this.#token;
    await post("/password", user, current, new URLSearchParams({ password }));
    const renewed = await login(user, password).catch(() => "");
    if (token !== this.#token) {
      return; // signed out meanwhile
    }
    if (renewed) {
      this.#keep(renewed);
    } else {
      this.end("changed");
    }
  }

  // Fires "end" with the reason: "expired", "changed", "signed out" or "by a link".
  end(reason) {
    if (this.#token) {
      const { user } = this;
      this.#keep("");
      this.dispatchEvent(new CustomEvent("end", { detail: { reason, user } }));
    }
  }

  // A late answer to an older token must not end the session that replaced it.
  expire(token) {
    if (token === this.#token) {
      this.end("expired");
    }
  }

  #keep(token) {
    this.#token = token;
    store(token);
  }
}

async function login(email, password) {
  const response = await post("/login", email, password);
  return (await response.text().catch(unreachable)).trim();
}

// By Basic credentials.
function post(path, email, password, body) {
  const bytes = new TextEncoder().encode(`${email}:${password}`);
  const headers = { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
  return request(path, { method: "POST", headers, body });
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
