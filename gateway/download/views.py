"""The door for MP3s: GET /download."""

from flask import Blueprint, Response, request

from auth import validate
from download import find
from download.send import Sender
from servicekit.http.errors import RefusedError
from servicekit.jobs.jobs import Jobs
from settings import AuthSettings


def blueprint(auth: AuthSettings, jobs: Jobs, sender: Sender) -> Blueprint:
    """The route of the download."""
    door = Blueprint("download", __name__)

    @door.get("/download")
    def download() -> Response:
        username = validate.token(auth, request)
        fid = request.args.get("fid")
        if not fid:
            raise RefusedError("No fid provided")
        mp3 = find.mp3(jobs, fid, username)
        return sender.send(request, username, mp3, jobs.find(mp3.video_id, username))

    return door
