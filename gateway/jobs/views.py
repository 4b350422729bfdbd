"""The door for jobs: /jobs and what is below it."""

from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import ETags, MultiDict
from werkzeug.routing import BaseConverter

import deadline
from auth import validate
from download.send import Sender
from jobs import find, query
from jobs.long_poll import LongPolls
from jobs.representation import Representation, represent, represent_chapter, version
from jobs.retry import retry
from servicekit.http.form import short_form
from servicekit.http.places import Places
from servicekit.jobs.job import Job
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.state import ENDED
from settings import Settings


class _JobId(BaseConverter):
    """A job's id, or any other text but the name of a route beside it."""

    regex = "(?!archive$)[^/]+"
    part_isolating = True


def blueprint(settings: Settings, jobs: Jobs, sender: Sender) -> Blueprint:
    """The routes of the jobs."""
    door = Blueprint("jobs", __name__)
    door.record(lambda setup: setup.app.url_map.converters.update(job=_JobId))
    long_polls = LongPolls(Places(settings.shares.long_polls))

    def user() -> str:
        return validate.token(settings.auth, request)

    @door.get("/jobs")
    def list_jobs() -> Response:
        """The user's jobs, newest first, and where the next page is."""
        username, page = user(), query.page(request.args)
        found = jobs.page(username, page)
        following = _after(found[-1]) if len(found) == page.limit else None
        return jsonify(jobs=represent(jobs, *found), next=following)

    @door.get("/jobs/<job:job_id>")
    def show(job_id: str) -> Response:
        """The job; with `wait` when it changes from what If-None-Match names, or from now."""
        username, seconds = user(), query.wait(request.args)

        def look() -> Representation:
            with deadline.current().rest():
                return represent(jobs, find.job(jobs, job_id, username))[0]

        known = request.if_none_match or ETags([version(look())])
        job = long_polls.until(
            lambda job: job["state"] in ENDED or version(job) not in known,
            look,
            seconds,
            username,
        )
        response = jsonify(job)
        response.set_etag(version(job))
        response.make_conditional(request)
        return response

    @door.delete("/jobs/<job:job_id>")
    def delete(job_id: str) -> Response:
        jobs.delete(find.job(jobs, job_id, user()).id)
        return Response(status=204)

    @door.post("/jobs/<job_id>/retry")
    def retry_job(job_id: str) -> Response:
        queued = retry(jobs, settings.broker, find.job(jobs, job_id, user()))
        return jsonify(represent(jobs, queued)[0])

    @door.get("/jobs/<job_id>/mp3")
    def mp3(job_id: str) -> Response:
        username = user()
        job = find.job(jobs, job_id, username)
        return sender.send(request, username, find.mp3(jobs, job), job)

    @door.get("/jobs/archive")
    def archive() -> Response:
        username = user()
        some = find.mp3s(jobs, query.ids(request.args), username)
        return sender.send_archive(request, username, some)

    @door.post("/jobs/archive")
    def archive_of_many() -> Response:
        """The same for more ids than a request line holds."""
        username = user()
        some = find.mp3s(jobs, query.ids(short_form(query.MAX_IDS_FORM)), username)
        return sender.send_archive(request, username, some)

    @door.get("/jobs/<job_id>/chapters")
    def chapters(job_id: str) -> Response:
        mp3 = find.mp3(jobs, find.job(jobs, job_id, user()))
        found = find.chapters(jobs, mp3)
        return jsonify(chapters=[represent_chapter(job_id, chapter) for chapter in found])

    @door.get("/jobs/<job_id>/chapters/<number>")
    def chapter(job_id: str, number: str) -> Response:
        """One as an MP3."""
        username = user()
        mp3 = find.mp3(jobs, find.job(jobs, job_id, username))
        return sender.send_chapter(request, username, mp3, find.chapter(jobs, mp3, number))

    return door


def _after(last: Job) -> str:
    """The page that follows this one, which ends with `last`."""
    args = MultiDict(request.args)
    args["before"] = query.place(last)
    return f"/jobs?{urlencode(args)}"
