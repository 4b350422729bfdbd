"""What the gateway changes of a job; every method raises PyMongoError when MongoDB fails."""

import logging
from datetime import UTC, datetime

import pymongo
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from servicekit.gridfs.delete import delete_eventually
from servicekit.gridfs.mongodb import Document
from servicekit.gridfs.upload import UploadStream
from servicekit.jobs.job import Job
from servicekit.jobs.options import Options
from servicekit.jobs.record import NO_FAILURE, OF_ONE_TRY, JobRecord, dated, failed, setting
from servicekit.jobs.state import IN_FLIGHT, State

log = logging.getLogger(__name__)

NOTE_TIMEOUT = 2.0  # seconds, at the end of what a client waits for


class GatewayChanges(JobRecord):
    """Jobs begin, are tried again, and are deleted by their users."""

    def open_video(self) -> UploadStream:
        """A stream for the video of a new job."""
        return UploadStream(self._videos)

    def create(
        self,
        video: UploadStream,
        filename: str,
        content_type: str,
        username: str,
        options: Options,
        idempotency_key: str | None = None,
        request_id: str = "",
        traceparent: str = "",
    ) -> Job:
        """Make a queued job of a video that is written.

        Where the user has a job with this idempotency key, that one is returned, and the video
        is removed.
        """
        metadata = {"username": username, "state": State.QUEUED, **NO_FAILURE}
        if chosen := options.to_document():
            metadata["options"] = chosen
        if idempotency_key:
            metadata["idempotency_key"] = idempotency_key
        if request_id:
            metadata["request_id"] = request_id
        if traceparent:
            metadata["traceparent"] = traceparent
        try:
            return Job.from_document(video.finish(filename, content_type, metadata))
        except DuplicateKeyError:
            video.abort()
            first = self.find_by_key(idempotency_key or "", username)
            if first is None:
                raise
            return first

    def confirm(self, job_id: ObjectId) -> bool:
        """Note that the broker has the job's message; False when the job is gone.

        Without the note the job is announced once more, which does no harm.
        """
        return self._records.update_one({"_id": job_id}, dated("confirmed")).matched_count == 1

    def note_confirmed(self, job_id: ObjectId) -> None:
        """Like `confirm`, where the answer to the client does not hang on it; never raises."""
        try:
            with pymongo.timeout(NOTE_TIMEOUT):
                self.confirm(job_id)
        except PyMongoError as error:
            log.warning("Not noted that the broker has the job %s: %s", job_id, error)

    def withdraw(self, job_id: ObjectId) -> None:
        """Remove a job whose message the broker does not have, unless it is confirmed meanwhile."""
        delete_eventually(self._videos, job_id, {"metadata.confirmed": {"$exists": False}})

    def retry(self, job_id: ObjectId) -> Job | None:
        """Queue a failed job again and return it so; None when it is not a failed one."""
        update = setting(state=State.QUEUED, progress=0, retried=datetime.now(UTC), **NO_FAILURE)
        update |= {"$unset": OF_ONE_TRY, "$inc": {"metadata.retries": 1}}
        document = self._records.find_one_and_update(
            _in(job_id, State.FAILED), update, return_document=ReturnDocument.AFTER
        )
        return Job.from_document(document) if document else None

    def undo_retry(self, job: Job) -> None:
        """Put back the failure that `job` had before it was queued again."""
        before = setting(
            state=State.FAILED,
            retried=job.queued,
            retries=job.retries,
            told=job.told,
            **failed(job.failure),
        )
        self._records.update_one(_in(job.id, State.QUEUED), before)

    def delete(self, job_id: ObjectId) -> None:
        """Remove the job, its video and its MP3; one whose message is on its way is cancelled.

        The record of a cancelled job stays, unseen, for the converter to find. The message of a
        job that an express lane has ended comes last.
        """
        on_its_way = [
            {"metadata.state": {"$in": IN_FLIGHT}},
            {"metadata.ahead": True},
            {"metadata.spent": {"$gt": 0}},
        ]
        query = {"_id": job_id, "$or": on_its_way}
        update = {
            "$set": {"metadata.state": State.CANCELLED},
            "$unset": {"metadata.idempotency_key": ""},
        }
        cancelled = self._records.update_one(query, update).modified_count == 1
        if mp3 := self.mp3_of(job_id):
            _delete_file(self._mp3s, mp3.id)
        if cancelled:
            self._videos["fs.chunks"].delete_many({"files_id": job_id})
        else:
            _delete_file(self._videos, job_id)


def _delete_file(database: Database[Document], file_id: ObjectId) -> None:
    """The document at once, so that nobody sees the file; its bytes now, or soon if many."""
    database["fs.files"].delete_one({"_id": file_id})
    delete_eventually(database, file_id)


def _in(job_id: ObjectId, state: State) -> Document:
    return {"_id": job_id, "metadata.state": state}
