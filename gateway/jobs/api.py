"""The views of /jobs."""

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request
from werkzeug.datastructures import ETags, MultiDict

from auth import validate
from context import Context
from download import mp3
from errors import RefusedError
from jobs import query, view
from jobs.actions import Actions
from jobs.records import DONE, FAILED
from jobs.waiting import Waiting
from servicekit.gridfs.mongodb import Document
from servicekit.http.responses import text


class JobsApi:
    """Each view parses its request, calls one function and maps the result."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._records = context.records
        self._actions = Actions(
            context.videos, context.mp3s, context.records, context.settings.broker
        )
        self._waiting = Waiting(max(context.settings.server.threads // 2, 1))

    def register(self, app: Flask) -> None:
        """Add the routes."""
        app.add_url_rule("/jobs", "jobs", self.list)
        app.add_url_rule("/jobs/<job_id>", "job", self.show)
        app.add_url_rule("/jobs/<job_id>", "delete_job", self.delete, methods=["DELETE"])
        app.add_url_rule("/jobs/<job_id>/retry", "retry_job", self.retry, methods=["POST"])
        app.add_url_rule("/jobs/<job_id>/mp3", "job_mp3", self.mp3)

    def list(self) -> Response:
        """The user's jobs, newest first, and where the next page is."""
        username = self._user()
        page = query.page(request.args)
        found = self._records.page(username, page)
        following = None
        if len(found) == page.limit:
            args = MultiDict(request.args)
            args["before"] = str(found[-1]["_id"])
            following = f"/jobs?{urlencode(args)}"
        return jsonify(jobs=view.shown(self._context.mp3s, *found), next=following)

    def show(self, job_id: str) -> Response:
        """The job; with `wait` when it changes from what If-None-Match names, or from now."""
        username, seconds = self._user(), query.wait(request.args)

        def look() -> dict[str, Any]:
            return view.shown(self._context.mp3s, self._find(job_id, username))[0]

        known = request.if_none_match or ETags([view.version(look())])
        job = self._waiting.until(
            lambda job: job["state"] in (DONE, FAILED) or view.version(job) not in known,
            look,
            seconds,
        )
        response = jsonify(job)
        response.set_etag(view.version(job))
        response.make_conditional(request)
        return response

    def delete(self, job_id: str) -> Response:
        self._actions.delete(self._find(job_id, self._user()))
        return Response(status=204)

    def retry(self, job_id: str) -> Response:
        username = self._user()
        self._actions.retry(self._find(job_id, username))
        return jsonify(view.shown(self._context.mp3s, self._find(job_id, username))[0])

    def mp3(self, job_id: str) -> Response:
        job = self._find(job_id, self._user())
        file = view.mp3s_of(self._context.mp3s, job).get(str(job["_id"]))
        if file is None:
            raise RefusedError(f"There is no MP3: the job is {view.state(job)}", 409)
        return mp3.send(self._context, file, job, request)

    def _user(self) -> str:
        return validate.token(self._context.settings.auth, request)

    def _find(self, job_id: str, username: str) -> Document:
        job = self._records.find(job_id, username)
        if job is None:
            raise RefusedError("Job not found", 404)
        return job


def created(mp3s: Any, job: Document) -> Response:
    """The answer to an upload: the tutorial's word, or the job for who asks for JSON."""
    if request.accept_mimetypes.best == "application/json":
        response = jsonify(view.shown(mp3s, job)[0])
    else:
        response = text("success!", 200)
    response.headers["Location"] = f"/jobs/{job['_id']}"
    response.headers["X-Job-Id"] = str(job["_id"])
    return response
