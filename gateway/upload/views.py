"""The door for videos: POST /upload."""

from flask import Blueprint, Response, jsonify, request

from auth import validate
from jobs.representation import represent
from servicekit.http.places import Places
from servicekit.http.responses import text
from servicekit.jobs.job import Job
from servicekit.jobs.jobs import Jobs
from servicekit.metrics import gateway as metrics
from settings import Settings
from upload.intake import Intake
from upload.quota import Quota


def blueprint(settings: Settings, jobs: Jobs, places: Places, quota: Quota) -> Blueprint:
    """The route of the upload."""
    door = Blueprint("upload", __name__)
    intake = Intake(jobs, settings.broker, settings.upload, quota)

    @door.post("/upload")
    def upload() -> Response:
        """The body is not read before its sender is known."""
        username = validate.token(settings.auth, request)
        with places.take(username, "upload_places"), metrics.UPLOADS.track_inprogress():
            return _created(jobs, intake.take(request, username))

    return door


def _created(jobs: Jobs, job: Job) -> Response:
    """The tutorial's word, or the job for who asks for JSON."""
    if request.accept_mimetypes.best == "application/json":
        response = jsonify(represent(jobs, job)[0])
    else:
        response = text("success!", 200)
    response.headers["Location"] = f"/jobs/{job.id}"
    response.headers["X-Job-Id"] = str(job.id)
    return response
