"""What the user of a story does; each answer is noted in the story."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from tests.model.story import NO_ANSWER, Story, Upload
from tests.support.client import Client
from tests.support.multipart import StreamedForm, begun_upload

UNAVAILABLE = (NO_ANSWER, 503)  # what a request may get while something is down
PAGE = 100  # jobs, far more than a story has
WAIT = 10  # seconds that the API is asked to wait for a job's end


class UserActions:
    """The requests of one user; `samples` are the files by their kinds."""

    def __init__(self, client: Client, story: Story, samples: Mapping[str, Path]) -> None:
        self._client, self._story, self._samples = client, story, samples

    def upload(self, kind: str, key: str | None = None, times: int = 1) -> Upload:
        """Send a file, `times` times with the same key."""
        upload = self._new(kind)
        headers = {"Idempotency_Key": key} if key else {}
        for _ in range(times):
            answer = self._ask(lambda: self._client.send_form(self._form(upload), **headers))
            upload.answers.append(self._status(answer, f"upload {upload.name}", 200))
            if answer is not None and answer.ok:
                job = answer.headers["X-Job-Id"]
                self._story.check(upload.job in (None, job), f"another job: {job} for {upload}")
                upload.job = job
        return upload

    def upload_amid(self, kind: str, meanwhile: Callable[[], None], after: float) -> Upload:
        """Send a file, and do something else `after` so many seconds."""
        with ThreadPoolExecutor(1) as thread:
            sent = thread.submit(self.upload, kind)
            threading.Event().wait(after)
            meanwhile()
            return sent.result()

    def upload_half(self, kind: str) -> Upload:
        """Begin to send a file, and go away in the middle."""
        upload = self._new(kind, whole=False)
        form = self._form(upload)
        upload.answers.append(NO_ANSWER)
        self._story.tell(f"half an upload of {upload.name}")
        try:
            with begun_upload(self._client.url, self._client.token, len(form)) as connection:
                left = len(form) // 2
                for piece in form:
                    connection.send(piece[:left])
                    left -= len(piece[:left])
        except OSError as error:
            self._story.check(self._story.troubled, f"an upload was not taken: {error!r}")
        return upload

    def wait(self, upload: Upload) -> None:
        """Wait for an end of the job, if something lets it end soon."""
        self._request(upload, "GET", f"?wait={WAIT}", 200)

    def retry(self, upload: Upload) -> None:
        """Ask for another try."""
        had_failed = upload.state == "failed" and not (upload.again or self._story.again)
        upload.again = True
        allowed = (200,) if had_failed and not upload.deletions else (200, 409)
        status = self._request(upload, "POST", "/retry", *allowed)
        upload.retries.append(status)

    def delete(self, upload: Upload) -> None:
        """Delete the job, which cancels it if it has not ended."""
        upload.deletions.append(self._request(upload, "DELETE", "", 204))

    def download(self, upload: Upload) -> None:
        """Download the MP3, if there is one yet."""
        allowed = (200,) if upload.state == "done" and not upload.deletions else (200, 409)
        self._request(upload, "GET", "/mp3", *allowed)

    def listed(self) -> list[dict[str, Any]] | None:
        """All jobs of the user; None when something that is down keeps them."""
        answer = self._ask(lambda: self._client.request("GET", f"/jobs?limit={PAGE}"))
        status = self._status(answer, "jobs", 200)
        return answer.json()["jobs"] if answer is not None and status == 200 else None

    def delete_all(self) -> None:
        """Delete all that the user has."""
        for job in self.listed() or []:
            self._client.request("DELETE", f"/jobs/{job['id']}").raise_for_status()

    def _new(self, kind: str, *, whole: bool = True) -> Upload:
        name = f"{len(self._story.uploads)}-{kind}.mp4"
        return self._story.add(Upload(name, kind, whole))

    def _form(self, upload: Upload) -> StreamedForm:
        return StreamedForm.of_file(self._samples[upload.kind], upload.name)

    def _request(self, upload: Upload, method: str, what: str, *allowed: int) -> int:
        """The status of a request for the upload's job; 404 only when there need not be one."""
        if upload.job is None:
            return 404
        answer = self._ask(lambda: self._client.request(method, f"/jobs/{upload.job}{what}"))
        gone = () if upload.due else (404,)
        return self._status(answer, f"{method} {upload.name}{what}", *allowed, *gone)

    def _ask(self, send: Callable[[], requests.Response]) -> requests.Response | None:
        try:
            return send()
        except requests.RequestException:
            return None

    def _status(self, answer: requests.Response | None, what: str, *allowed: int) -> int:
        status = NO_ANSWER if answer is None else answer.status_code
        self._story.tell(f"{what}: {status}")
        troubles = UNAVAILABLE if self._story.troubled else ()
        self._story.check(status in (*allowed, *troubles), f"{what} got {status}")
        return status
