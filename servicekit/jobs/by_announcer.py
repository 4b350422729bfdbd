"""What the announcer changes of jobs: one that no message vouches for is announced again.

Every method raises PyMongoError when MongoDB fails; a claim ends by itself, for the next look.
"""

from typing import Any

from pymongo import ReturnDocument

from servicekit.gridfs.mongodb import Document
from servicekit.jobs.job import Job
from servicekit.jobs.reasons import Failure, Reason
from servicekit.jobs.record import JobRecord, ago, dated, failed, setting
from servicekit.jobs.state import IN_FLIGHT, State

# Dates by MongoDB's clock, and one by a gateway's; what is missing, or no date, counts as earlier.
_MOVED: Document = {
    "$max": [
        "$uploadDate",
        *(f"$metadata.{name}" for name in ("retried", "confirmed", "announced", "seen")),
    ]
}
# Without a user there is nobody to convert for, and the message would be refused.
_OF_A_USER: Document = {"metadata.username": {"$nin": [None, ""]}}


class AnnouncerChanges(JobRecord):
    """Jobs without a message get one, or fail where that does not help."""

    def claim_unconfirmed(self, seconds: float) -> Job | None:
        """A queued job whose message nobody confirmed within `seconds`; no other call gets it.

        A gateway that is killed between the stored file and the message leaves such a job.
        """
        unconfirmed = {"metadata.state": State.QUEUED, "metadata.confirmed": {"$exists": False}}
        return self._claim(unconfirmed, seconds)

    def claim_forgotten(self, seconds: float, limit: int) -> Job | None:
        """A job that has not ended, or of whose end nobody is told, and that nothing has moved for
        `seconds`; no other call gets it. One that was announced `limit` times is left out.

        Right only while the queue is empty: a job may wait in it for any time.
        """
        announced = {"metadata.announcements": {"$not": {"$gte": limit}}}
        return self._claim(announced | _open(), seconds)

    def announced(self, job: Job) -> None:
        """The broker has the message of a job that was claimed."""
        update = dated("confirmed") | {"$inc": {"metadata.announcements": 1}}
        self._records.update_one({"_id": job.id}, update)

    def fail_forgotten(self, seconds: float, limit: int) -> int:
        """Fail the jobs that `limit` announcements did not bring to an end; returns how many.

        Their users are told when they are announced once more. A job is one of these when it ends
        its worker each time before that can give up, and the broker drops the message.
        """
        count = 0
        for state, reason in (
            (State.QUEUED, Reason.JOB_LOST),
            (State.CONVERTING, Reason.FAILED_REPEATEDLY),
        ):
            query = {"metadata.state": state, "metadata.announcements": {"$gte": limit}}
            failure = failed(Failure.of(reason))
            update = setting(state=State.FAILED, told=False, announcements=0, **failure)
            count += self._records.update_many(query | _still(seconds), update).modified_count
        return count

    def _claim(self, query: Document, seconds: float) -> Job | None:
        document = self._records.find_one_and_update(
            query | _OF_A_USER | _still(seconds),
            dated("announced"),
            return_document=ReturnDocument.AFTER,
        )
        return Job.from_document(document) if document else None


def _open() -> Document:
    return {"$or": [{"metadata.state": {"$in": IN_FLIGHT}}, {"metadata.told": False}]}


def _still(seconds: float) -> dict[str, Any]:
    """What nothing has moved for `seconds`."""
    return {"$expr": {"$lt": [_MOVED, ago(seconds * 1000)]}}
