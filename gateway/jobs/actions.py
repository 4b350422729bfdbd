"""What a user may do to a job."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bson import ObjectId
from pymongo.database import Database

from errors import RefusedError
from jobs.announcing import announce
from jobs.records import FAILED, QUEUED, Records
from servicekit.amqp.broker import BrokerSettings
from servicekit.errors import UnavailableError
from servicekit.gridfs import delete as removal
from servicekit.gridfs.mongodb import Document


@dataclass(frozen=True)
class Actions:
    """Deletes and repeats jobs; PyMongoError when MongoDB fails."""

    videos: Database[Document]
    mp3s: Database[Document]
    records: Records
    broker: BrokerSettings

    def delete(self, job: Document) -> None:
        """Remove the job, its video and its MP3; one that is under way is cancelled.

        The record of a cancelled job stays, unseen, for the converter to find.
        """
        cancelled = self.records.cancel(job["_id"])
        mp3 = self.mp3s["fs.files"].find_one({"metadata.video_fid": str(job["_id"])}, {"_id"})
        if mp3:
            _remove(self.mp3s, mp3["_id"])
        if cancelled:
            self.videos["fs.chunks"].delete_many({"files_id": job["_id"]})
        else:
            _remove(self.videos, job["_id"])

    def retry(self, job: Document) -> None:
        """Queue a failed job again; RefusedError when it has not failed or its video is gone."""
        if removed := job["metadata"].get("removed"):
            raise RefusedError(f"The video was removed on {removed:%Y-%m-%d}", 410)
        fresh = {"error": None, "progress": 0, "retried": datetime.now(UTC)}
        if not self.records.move(job["_id"], FAILED, QUEUED, **fresh):
            raise RefusedError("Only a failed job can be retried", 409)
        try:
            announce(self.broker, job)
        except UnavailableError:
            self.records.move(job["_id"], QUEUED, FAILED, error=job["metadata"]["error"])
            raise


def _remove(database: Database[Document], file_id: ObjectId) -> None:
    """The document at once, so that nobody sees the file; its bytes now, or soon if many."""
    database["fs.files"].delete_one({"_id": file_id})
    removal.remove(database, file_id)
