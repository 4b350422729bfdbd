"""The doors for links: one is made at /jobs/<id>/links, and opened or revoked at /links."""

from flask import Blueprint, Response, jsonify, request

from auth import validate
from download.send import Sender, check_is_kept
from jobs import find, query
from links.revocations import Revocations
from servicekit import about
from servicekit.http.errors import RefusedError
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
        username, seconds = user(), query.lifetime(request.args, settings.links.lifetime)
        mp3 = find.mp3(jobs, find.job(jobs, job_id, username))
        check_is_kept(mp3)
        link = signer.make(mp3.id, seconds, after=revocations.last(username))
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
    def mp3(secret: str) -> Response:
        try:
            link = signer.read(secret)
        except BadLinkError as error:
            raise RefusedError("File not found", 404) from error
        mp3 = jobs.mp3(link.mp3_id)
        if mp3 is None:
            raise RefusedError("File not found", 404)
        if link.is_over or revocations.holds(link, mp3.username):
            raise RefusedError("The link has ended", 410)
        about.add(user=about.user_hash(mp3.username))
        response = sender.send(request, mp3.username, mp3, jobs.find(mp3.video_id, mp3.username))
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return door
