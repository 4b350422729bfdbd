"""What happens to resumable uploads, and when each becomes a job."""

from dataclasses import dataclass

from flask import request

from auth import validate
from resumable import protocol
from resumable.append import Appender
from resumable.finish import Finisher, file_name
from servicekit.http.errors import RefusedError
from servicekit.http.places import Places
from servicekit.http.problem import Code
from servicekit.jobs.job import Job
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.unfinished import Unfinished, UnfinishedUploads
from servicekit.metrics import gateway as metrics
from settings import Settings
from upload import body
from upload.intake import check_in_flight, parse_options
from upload.quota import Quota, exceeded


@dataclass(frozen=True)
class Door:
    """What the routes need; the `places` are those of all uploads."""

    settings: Settings
    jobs: Jobs
    uploads: UnfinishedUploads
    places: Places
    quota: Quota

    def user(self) -> str:
        """Who sent the request; RefusedError and UnavailableError."""
        return validate.token(self.settings.auth, request)

    def begin(self, username: str) -> Unfinished:
        """A new upload; RefusedError."""
        limits = self.settings.upload
        length, metadata = _announced(limits.max_bytes)
        check_in_flight(self.jobs.in_flight(username) + self.uploads.count(username), limits)
        if length > self.quota.left(username):
            raise exceeded()
        return self.uploads.begin(username, length, metadata)

    def find(self, upload_id: str, username: str) -> Unfinished | Job:
        """The user's upload, or what has become of it; RefusedError."""
        if job := self.jobs.find(upload_id, username):
            self.uploads.forget(job.id)
            return job
        upload = self.uploads.find(upload_id, username)
        if upload is None:
            raise _not_found()
        if upload.is_over:
            raise RefusedError("The upload has expired", 410, Code.UPLOAD_EXPIRED)
        return self._ahead(upload)

    def end(self, upload_id: str, username: str) -> None:
        """Remove the user's upload, but not the job that it has become; RefusedError."""
        upload = self.uploads.find(upload_id, username)
        if upload is None:
            raise _not_found()
        self.uploads.remove(upload)

    def append(self, upload: Unfinished) -> Unfinished | Job:
        """What the upload is with the request's body after it; RefusedError."""
        appender = Appender(self.uploads, self.settings.upload)
        with (
            self.places.take(upload.username, "upload_places"),
            metrics.UPLOADS.track_inprogress(),
        ):
            return self._ahead(appender.append(request, upload))

    def _ahead(self, upload: Unfinished) -> Unfinished | Job:
        """Its job, once it is whole, also where a gateway died before it had made it."""
        if not upload.is_whole:
            return upload
        return Finisher(self.uploads, self.jobs, self.settings.broker).finish(upload)


def _announced(max_bytes: int) -> tuple[int, str]:
    """The length of the whole file and its metadata; RefusedError."""
    length = protocol.number(request, "Upload-Length")
    if length > max_bytes:
        raise body.too_large()
    if not length:
        raise RefusedError("The file is empty", 400, Code.FILE_EMPTY)
    told = request.headers.get("Upload-Metadata", "")
    metadata = protocol.metadata(told)
    if not file_name(metadata):
        raise RefusedError("Upload-Metadata has no filename", 400, Code.NO_FILE)
    parse_options(metadata)
    return length, told


def _not_found() -> RefusedError:
    return RefusedError("Upload not found", 404, Code.UPLOAD_NOT_FOUND)
