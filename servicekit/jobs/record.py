"""How the record of a job is written: one conditional update at a time."""

from typing import Any

from bson import ObjectId

from servicekit.gridfs.delete import delete
from servicekit.gridfs.mongodb import JOURNALED, Client, Document
from servicekit.jobs.queries import JobQueries
from servicekit.jobs.reasons import Failure

NO_FAILURE: Document = {"error": None, "error_code": None}


def failed(failure: Failure | None) -> Document:
    """The fields of the metadata that tell of `failure`."""
    return {"error": failure.text, "error_code": failure.code} if failure else NO_FAILURE


def setting(**fields: Any) -> Document:
    """The update that sets fields of the metadata."""
    return {"$set": {f"metadata.{name}": value for name, value in fields.items()}}


class JobRecord(JobQueries):
    """What all changes of jobs are made with."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        # Journaled before it counts: a message may be acknowledged right after a change, and a
        # MongoDB that is killed would lose the change, and the job its end.
        self._records = self._videos["fs.files"].with_options(write_concern=JOURNALED)

    def _change(self, query: Document, **fields: Any) -> bool:
        """Set fields of the metadata of the job that `query` finds; says whether it found one."""
        return self._records.update_one(query, setting(**fields)).matched_count == 1

    def discard(self, job_id: ObjectId) -> None:
        """Remove what is left of a cancelled job, its MP3 too if there is one already."""
        if mp3 := self.mp3_of(job_id):
            delete(self._mp3s, mp3.id)
        delete(self._videos, job_id)
