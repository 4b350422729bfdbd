"""How the record of a job is written: one conditional update at a time.

Beside what its user sees, the metadata notes who vouches for the job, all dates by MongoDB's clock:

    confirmed      when the broker confirmed the job's message
    seen           the last sign of life of who converts it, or ended it
    told           false: it has ended, and the mail's message is not confirmed; or since when it is
    announced      when a gateway last took it for a job without a message
    announcements  how often it was announced again for that
"""

from typing import Any

from bson import ObjectId

from servicekit.gridfs.delete import delete
from servicekit.gridfs.mongodb import JOURNALED, Client, Document
from servicekit.jobs.queries import JobQueries
from servicekit.jobs.reasons import Failure

# When a job was queued last, for an `$expr`.
QUEUED: Document = {"$max": ["$uploadDate", "$metadata.retried"]}
LAST_SWEEP: Document = {"_id": "last"}
NO_FAILURE: Document = {"error": None, "error_code": None}
# What is noted of one try to convert, and goes when its user has it tried again.
OF_ONE_TRY: Document = {
    f"metadata.{name}": "" for name in ("confirmed", "told", "announced", "announcements")
}


def failed(failure: Failure | None) -> Document:
    """The fields of the metadata that tell of `failure`."""
    return {"error": failure.text, "error_code": failure.code} if failure else NO_FAILURE


def setting(**fields: Any) -> Document:
    """The update that sets fields of the metadata."""
    return {"$set": {f"metadata.{name}": value for name, value in fields.items()}}


def dated(*names: str) -> Document:
    """The update that sets dates of the metadata to now, by MongoDB's clock."""
    return {"$currentDate": {f"metadata.{name}": True for name in names}}


def ago(milliseconds: float) -> Document:
    """So long before now by MongoDB's clock, for an `$expr`."""
    return {"$subtract": ["$$NOW", milliseconds]}


class JobRecord(JobQueries):
    """What all changes of jobs are made with."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        # Journaled before it counts: a message may be acknowledged right after a change, and a
        # MongoDB that is killed would lose the change, and the job its end.
        self._records = self._videos["fs.files"].with_options(write_concern=JOURNALED)

    def discard(self, job_id: ObjectId) -> None:
        """Remove what is left of a cancelled job, its MP3 too if there is one already."""
        if mp3 := self.mp3_of(job_id):
            delete(self._mp3s, mp3.id)
        delete(self._videos, job_id)
