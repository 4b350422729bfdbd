// One upload, by tus 1.0.0: it goes on where it broke off. XMLHttpRequest, because fetch tells
// nothing of a body's progress.

import { problem } from "./problem.js";

const VERSION = { "Tus-Resumable": "1.0.0" };
const TIMEOUT = 30_000; // milliseconds, for answers that are short

// Sends `item.file`, with the options `item.fields`, to `item.url`, which it sets as soon as there is
// one. Returns `{done, abort}`; `done` gives the job, or rejects with a Problem, or an AbortError.
export function send(session, item, progress) {
  const control = new AbortController();
  const request = (method, path, headers, body, tell) =>
    call(session, control.signal, { method, path, headers, body, tell });
  return { done: upload(request, item, progress), abort: () => control.abort() };
}

async function upload(request, item, progress) {
  const { file } = item;
  const offset = item.url ? await offsetOf(request, item) : 0;
  if (!item.url) {
    const headers = { "Upload-Length": String(file.size), "Upload-Metadata": metadata(item) };
    item.url = (await request("POST", "/uploads", headers)).getResponseHeader("Location");
  }
  let jobId = item.jobId;
  if (offset < file.size) {
    const headers = {
      "Content-Type": "application/offset+octet-stream",
      "Upload-Offset": String(offset),
    };
    const tell = (sent) => progress((offset + sent) / file.size);
    const answer = await request("PATCH", item.url, headers, file.slice(offset), tell);
    jobId = answer.getResponseHeader("X-Job-Id");
  }
  const headers = { Accept: "application/json" };
  return JSON.parse((await request("GET", `/jobs/${jobId}`, headers)).responseText);
}

// How much of it has come; of one that is not there any more, nothing.
async function offsetOf(request, item) {
  try {
    const answer = await request("HEAD", item.url, {});
    item.jobId = answer.getResponseHeader("X-Job-Id");
    return Number(answer.getResponseHeader("Upload-Offset"));
  } catch (error) {
    if (error.status !== 404 && error.status !== 410) {
      throw error;
    }
    item.url = "";
    return 0;
  }
}

function call(session, signal, { method, path, headers, body, tell }) {
  const request = new XMLHttpRequest();
  const token = session.token;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.upload.onprogress = (event) => tell?.(event.loaded);
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
    request.onerror = request.ontimeout = () => reject(problem(0, "", null));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    request.open(method, path);
    request.timeout = body ? 0 : TIMEOUT;
    for (const [name, value] of Object.entries({ ...VERSION, ...headers })) {
      request.setRequestHeader(name, value);
    }
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.send(body ?? null);
  });
}

function metadata({ file, fields }) {
  const values = { filename: file.name, filetype: file.type, ...fields };
  return Object.entries(values)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name} ${base64(value)}`)
    .join(",");
}

function base64(text) {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
