"""The records of jobs in MongoDB; every function raises PyMongoError when it fails."""

from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from bson.errors import InvalidId
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database

from servicekit.gridfs.mongodb import Document

QUEUED, CONVERTING, DONE, FAILED = STATES = ("queued", "converting", "done", "failed")
# A job that was deleted before its message was handled: the converter drops it when it comes to it.
CANCELLED = "cancelled"
LOST = "the job was lost before its conversion began"

_INDEXES = [
    IndexModel([("metadata.username", ASCENDING), ("_id", DESCENDING)]),
    IndexModel([("metadata.username", ASCENDING), ("metadata.state", ASCENDING)]),
    IndexModel(
        [("metadata.username", ASCENDING), ("metadata.idempotency_key", ASCENDING)],
        unique=True,
        partialFilterExpression={"metadata.idempotency_key": {"$exists": True}},
    ),
]


@dataclass(frozen=True)
class Page:
    """Which jobs of a user: newest first, at most `limit`, in one state, below a job's id."""

    limit: int
    state: str | None = None
    before: ObjectId | None = None


class Records:
    """The jobs in the database `videos`."""

    def __init__(self, videos: Database[Document]) -> None:
        self._files = videos["fs.files"]

    def create_indexes(self) -> None:
        """Make the queries fast and an idempotency key unique for its user."""
        self._files.create_indexes(_INDEXES)

    def find(self, job_id: str, username: str) -> Document | None:
        """The user's job of this id; None when there is none, or it is another user's."""
        try:
            return self._files.find_one({"_id": ObjectId(job_id), **_visible(username)})
        except InvalidId:
            return None

    def find_by_key(self, key: str, username: str) -> Document | None:
        """The job that the user's request with this idempotency key made."""
        return self._files.find_one(
            {"metadata.idempotency_key": key, "metadata.username": username}
        )

    def page(self, username: str, page: Page) -> list[Document]:
        """One page of the user's jobs."""
        query = _visible(username)
        if page.state:
            query["metadata.state"] = page.state
        if page.before:
            query["_id"] = {"$lt": page.before}
        return list(self._files.find(query).sort("_id", DESCENDING).limit(page.limit))

    def in_flight(self, username: str) -> int:
        """How many of the user's jobs are queued or being converted."""
        states = {"$in": [QUEUED, CONVERTING]}
        return self._files.count_documents(
            {"metadata.username": username, "metadata.state": states}
        )

    def confirm(self, job_id: ObjectId) -> bool:
        """Note that the job's message is with the broker; False when the job is gone."""
        update = {"$set": {"metadata.confirmed": True}}
        return self._files.update_one({"_id": job_id}, update).matched_count == 1

    def move(self, job_id: ObjectId, state: str, to: str, **fields: object) -> bool:
        """Change the job's state if it is `state`; says whether it did."""
        values = {"metadata.state": to} | {f"metadata.{k}": v for k, v in fields.items()}
        query = {"_id": job_id, "metadata.state": state}
        return self._files.update_one(query, {"$set": values}).modified_count == 1

    def cancel(self, job_id: ObjectId) -> bool:
        """Hide a job that is queued or being converted; says whether it was so."""
        query = {"_id": job_id, "metadata.state": {"$in": [QUEUED, CONVERTING]}}
        update = {"$set": {"metadata.state": CANCELLED}, "$unset": {"metadata.idempotency_key": ""}}
        return self._files.update_one(query, update).modified_count == 1

    def fail_lost(self, before: datetime) -> int:
        """Fail the jobs that were queued before `before`; returns how many.

        A gateway that was killed between file and message leaves such a job. Should its message
        come after all, it is converted all the same.
        """
        query = {
            "metadata.state": QUEUED,
            "uploadDate": {"$lt": before},
            "metadata.retried": {"$not": {"$gte": before}},
        }
        values = {"metadata.state": FAILED, "metadata.error": LOST}
        return self._files.update_many(query, {"$set": values}).modified_count


def _visible(username: str) -> Document:
    return {"metadata.username": username, "metadata.state": {"$ne": CANCELLED}}
