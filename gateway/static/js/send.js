// One upload. XMLHttpRequest, because fetch tells nothing of a body's progress.

import { problem } from "./problem.js";

// Starts the upload of `item.file` with the form fields `item.fields`. Returns `{done, abort}`;
// `done` gives the job, or rejects with a Problem, or with an AbortError.
export function send(session, item, progress) {
  const request = new XMLHttpRequest();
  const token = session.token;
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => progress(event.loaded / event.total);
    request.onload = () => {
      if (request.status === 200) {
        resolve(JSON.parse(request.responseText));
        return;
      }
      if (request.status === 401) {
        session.expire(token);
      }
      const wait = request.getResponseHeader("Retry-After");
      reject(problem(request.status, request.responseText, wait));
    };
    request.onerror = () => reject(problem(0, "", null));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
  });
  request.open("POST", "/upload");
  request.setRequestHeader("Authorization", `Bearer ${token}`);
  request.setRequestHeader("Accept", "application/json");
  // A repeated upload must not make a second job of the same file.
  request.setRequestHeader("Idempotency-Key", item.idempotencyKey);
  request.send(form(item));
  return { done, abort: () => request.abort() };
}

function form(item) {
  const data = new FormData();
  for (const [name, value] of Object.entries(item.fields)) {
    data.append(name, value);
  }
  data.append("file", item.file);
  return data;
}
