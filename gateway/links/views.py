"""The doors for links: made at /jobs/<id>/links or /links, opened and revoked at /links."""

from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, request

from auth import validate
from download.send import Sender, check_is_kept
from jobs import find, query
from links.revocations import Revocations
from servicekit import about
from servicekit.http.errors import RefusedError
from servicekit.http.form import short_form
from servicekit.http.problem import Code
from servicekit.jobs.job import Job, Mp3
from servicekit.jobs.jobs import Jobs
from servicekit.links.signed import BadLinkError, Signer
from settings import Settings


def blueprint(
    settings: Settings, jobs: Jobs, revocations: Revocations, sender: Sender
) -> Blueprint:
    """The routes of the links."""
    door = Blueprint("links", __name__)
    signer = Signer(settings.links)

    def user() -> str:
        return validate.token(settings.auth, request)

    @door.post("/jobs/<job_id>/links")
    def make(job_id: str) -> Response:
        username, seconds = user(), lifetime()
        mp3 = find.mp3(jobs, find.job(jobs, job_id, username))
        check_is_kept(mp3)
        return made(username, [mp3], seconds)

    @door.post("/links")
    def make_for_many() -> Response:
        username, seconds = user(), lifetime()
        job_ids = query.ids(short_form(query.MAX_IDS_FORM))
        return made(username, [mp3 for mp3, _ in find.mp3s(jobs, job_ids, username)], seconds)

    def lifetime() -> int:
        return query.lifetime(request.args, settings.links.lifetime)

    def made(username: str, mp3s: Sequence[Mp3], seconds: int) -> Response:
        ids = [mp3.id for mp3 in mp3s]
        link = signer.make(ids, seconds, after=revocations.last(username))
        response = jsonify(url=signer.url(link), expires=link.expires.isoformat(timespec="seconds"))
        response.status_code = 201
        response.location = signer.path(link)
        return response

    @door.delete("/links")
    def revoke() -> Response:
        """All of the user's."""
        revocations.revoke(user())
        return Response(status=204)

    @door.get("/links/<path:secret>")
    def mp3s(secret: str) -> Response:
        """The MP3 of the link, one chapter of it, or the archive of several."""
        try:
            link = signer.read(secret)
        except BadLinkError as error:
            raise RefusedError("File not found", 404, Code.FILE_NOT_FOUND) from error
        found = jobs.mp3s(link.mp3_ids)
        if len(found) < len(link.mp3_ids):
            raise RefusedError("File not found", 404, Code.FILE_NOT_FOUND)
        username = found[0].username
        if link.is_over or revocations.holds(link, username):
            raise RefusedError("The link has ended", 410, Code.LINK_ENDED)
        about.add(user=about.user_hash(username))
        of = jobs.find_all([mp3.video_id for mp3 in found], username)
        some = [(mp3, of.get(mp3.video_id)) for mp3 in found]
        response = send(username, some)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def send(username: str, some: Sequence[tuple[Mp3, Job | None]]) -> Response:
        number, [(mp3, job), *more] = request.args.get("chapter"), some
        if number is None:
            if more:
                return sender.send_archive(request, username, some)
            return sender.send(request, username, mp3, job)
        if more:
            raise RefusedError("chapter is for a link to one MP3")
        return sender.send_chapter(request, username, mp3, find.chapter(jobs, mp3, number))

    return door
