// One upload, by tus 1.0.0: it goes on where it broke off. XMLHttpRequest, because fetch tells
// nothing of a body's progress.

import { Problem, problem } from "./problem.js";

const VERSION = { "Tus-Resumable": "1.0.0" };
const JSON_WANTED = { Accept: "application/json" };
const TIMEOUT = 30_000; // milliseconds, for answers that are short
const OTHER_OFFSET = 1; // seconds in which the service notes that an earlier request is over

// Sends `item.file` with the options `item.fields` to `item.url`, or to a new address that it tells
// `tell.begun`; `tell.progress` gets the part that has come, 0 to 1. Returns `{done, abort}`; `done`
// gives the job, or rejects with a Problem, or with an AbortError.
export function send(session, item, tell) {
  const control = new AbortController();
  const request = (...what) => call(session, control.signal, ...what);
  return { done: upload(request, item, tell), abort: () => control.abort() };
}

// Removes what has come of an upload that nobody wants any more; nobody waits for it.
export function discard(session, { url }) {
  if (url && session.token) {
    const headers = { ...VERSION, Authorization: `Bearer ${session.token}` };
    const signal = AbortSignal.timeout(TIMEOUT);
    fetch(url, { method: "DELETE", headers, keepalive: true, signal }).catch(() => {});
  }
}

async function upload(request, item, tell) {
  const state = (item.url && (await found(request, item.url))) || (await begin(request, item));
  if (item.url !== state.url) {
    tell.begun(state.url);
  }
  const jobId = state.jobId ?? (await append(request, item.file, state, tell.progress));
  const answer = await request("GET", `/jobs/${jobId}`, {});
  return JSON.parse(answer.responseText);
}

async function begin(request, { file, fields }) {
  const headers = { "Upload-Length": String(file.size), "Upload-Metadata": metadata(file, fields) };
  const answer = await request("POST", "/uploads", headers);
  return { url: answer.getResponseHeader("Location"), offset: 0, jobId: null };
}

// How far the upload has come; null where it is not there any more.
async function found(request, url) {
  try {
    const answer = await request("HEAD", url, {});
    const offset = Number(answer.getResponseHeader("Upload-Offset"));
    return { url, offset, jobId: answer.getResponseHeader("X-Job-Id") };
  } catch (error) {
    if (error.status === 404 || error.status === 410) {
      return null;
    }
    throw error;
  }
}

// Sends the rest; the id of the job.
async function append(request, file, { url, offset }, progress) {
  const headers = {
    "Content-Type": "application/offset+octet-stream",
    "Upload-Offset": String(offset),
  };
  const sent = (count) => progress((offset + count) / file.size);
  try {
    const answer = await request("PATCH", url, headers, file.slice(offset), sent);
    return answer.getResponseHeader("X-Job-Id");
  } catch (error) {
    throw error.status === 409 ? new Problem(409, error.message, OTHER_OFFSET) : error;
  }
}

function call(session, signal, method, path, headers, body, sent) {
  const request = new XMLHttpRequest();
  const token = session.token;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.upload.onprogress = (event) => sent?.(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve(request);
        return;
      }
      if (request.status === 401) {
        session.expire(token);
      }
      const wait = request.getResponseHeader("Retry-After");
      reject(problem(request.status, request.responseText, wait));
    };
    request.onerror = () => reject(problem(0, "", null));
    request.ontimeout = request.onerror;
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    request.open(method, path);
    request.timeout = body ? 0 : TIMEOUT;
    const all = { ...VERSION, ...JSON_WANTED, Authorization: `Bearer ${token}`, ...headers };
    Object.entries(all).forEach((header) => request.setRequestHeader(...header));
    request.send(body ?? null);
  });
}

function metadata(file, fields) {
  return Object.entries({ filename: file.name, filetype: file.type, ...fields })
    .filter(([, value]) => value)
    .map(([name, value]) => `${name} ${base64(String(value))}`)
    .join(",");
}

function base64(text) {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
