"""What the converter changes of a job; every method raises PyMongoError when MongoDB fails."""

from collections.abc import Sequence
from typing import Any, ClassVar

from bson import ObjectId
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from servicekit.errors import PermanentError
from servicekit.gridfs.mongodb import Document
from servicekit.gridfs.upload import UploadStream
from servicekit.jobs import chapters as records
from servicekit.jobs.chapters import Chapter
from servicekit.jobs.job import Job, Mp3
from servicekit.jobs.reasons import Failure
from servicekit.jobs.record import NO_FAILURE, JobRecord, ago, dated, failed, setting
from servicekit.jobs.state import State
from servicekit.jobs.tracks import Track, to_documents

_MP3_INDEXES = [
    IndexModel([("metadata.video_fid", ASCENDING)], unique=True),
    IndexModel([("metadata.username", ASCENDING)]),
]
# A worker's sign of life, with each of its changes, and so each second.
ALIVE = dated("seen")
# That an express lane has the job; how it sees jobs is in `ahead`.
HAS_LANE: Document = {"metadata.ahead": True}
# A lane gives a sign of life each second; its longest pause is to queue a mail, 8 s by default.
LANE_ALIVE_MS = 15_000


class JobCancelledError(Exception):
    """The job's user has deleted it."""


class ConverterChanges(JobRecord):
    """Jobs are converted, or fail; one that its user has deleted stays as it is."""

    # What a job must be, beside not cancelled, to be this worker's to change.
    _whose: ClassVar[Document] = {}

    def take(self, job_id: ObjectId) -> Job:
        """The job to convert; PermanentError without one, JobCancelledError if it is cancelled."""
        document = self._videos["fs.files"].find_one({"_id": job_id})
        if document is None:
            raise PermanentError(f"there is no video {job_id}")
        job = Job.from_document(document)
        if job.state is State.CANCELLED:
            raise JobCancelledError
        return job

    def begin(self, job_id: ObjectId) -> None:
        """The conversion begins, not for the first time perhaps; JobCancelledError if cancelled."""
        update = setting(state=State.CONVERTING, progress=0, **NO_FAILURE) | ALIVE
        # A lane that still had it finds that it is lost; what was told was of another end.
        update["$unset"] = {"metadata.ahead": "", "metadata.told": ""}
        if not self._records.update_one(_not_cancelled(job_id), update).matched_count:
            raise JobCancelledError

    def is_ahead(self, job_id: ObjectId) -> bool:
        """Whether an express lane has the job, and is alive."""
        alive = {"$gt": ["$metadata.seen", ago(LANE_ALIVE_MS)]}
        query = {"_id": job_id, **HAS_LANE, "$expr": alive}
        return self._records.find_one(query, {"_id"}) is not None

    def consume_spent(self, job_id: ObjectId) -> bool:
        """Whether this message of the job has nothing left to do; one fewer has from now on."""
        query = {"_id": job_id, "metadata.spent": {"$gt": 0}}
        return self._records.update_one(query, {"$inc": {"metadata.spent": -1}}).matched_count == 1

    def progress(self, job_id: ObjectId, percent: float) -> None:
        """Write how far the conversion is; JobCancelledError if the job is cancelled."""
        self._convert(job_id, progress=percent)

    def note_tracks(self, job_id: ObjectId, tracks: Sequence[Track]) -> None:
        """Write which audio tracks the video has; JobCancelledError if the job is cancelled."""
        self._convert(job_id, tracks=to_documents(tracks))

    def open_mp3(self) -> UploadStream:
        """A stream for the MP3 of a job; a video has one MP3, whoever stores it first."""
        self._mp3s["fs.files"].create_indexes(_MP3_INDEXES)
        return UploadStream(self._mp3s)

    def store_mp3(self, mp3: UploadStream, job: Job, chapters: Sequence[Chapter]) -> ObjectId:
        """Make a written MP3 the job's, unless it has one; the id of the one it has then."""
        metadata: Document = {"video_fid": str(job.id), "username": job.username}
        if chapters:
            metadata["chapters"] = records.to_documents(chapters)
        try:
            stored = mp3.finish(f"{job.id}.mp3", "audio/mpeg", metadata)
            return Mp3.from_document(stored).id
        except DuplicateKeyError:
            mp3.abort()
            first = self.mp3_of(job.id)
            if first is None:
                raise
            return first.id

    def finish(self, job_id: ObjectId) -> None:
        """The job has its MP3, and nobody is told yet; JobCancelledError if it is cancelled."""
        self._convert(job_id, state=State.DONE, told=False, **NO_FAILURE)

    def fail(self, job_id: ObjectId, failure: Failure) -> None:
        """The job gets no MP3, and nobody is told yet; JobCancelledError if it is cancelled."""
        self._convert(job_id, state=State.FAILED, told=False, **failed(failure))

    def tell(self, job_id: ObjectId) -> None:
        """The mail about how the job ended is on its way."""
        self._records.update_one({"_id": job_id, "metadata.told": False}, dated("told"))

    def _convert(self, job_id: ObjectId, **fields: Any) -> None:
        query = _not_cancelled(job_id) | self._whose
        if not self._records.update_one(query, setting(**fields) | ALIVE).matched_count:
            raise JobCancelledError


def _not_cancelled(job_id: ObjectId) -> Document:
    return {"_id": job_id, "metadata.state": {"$ne": State.CANCELLED}}
