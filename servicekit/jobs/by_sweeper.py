"""What the sweeper changes of jobs.

Every method raises PyMongoError when MongoDB fails, and a later run takes up what it left.
"""

from collections.abc import Mapping
from datetime import datetime

from pymongo.database import Database

from servicekit.gridfs.mongodb import Document
from servicekit.jobs.record import LAST_SWEEP, JobRecord
from servicekit.jobs.state import IN_FLIGHT, State


class SweeperChanges(JobRecord):
    """Jobs that nobody comes to go, and files come of age."""

    def remove_cancelled(self, before: datetime) -> int:
        """Remove the cancelled jobs of before `before` that no converter came to; how many."""
        query = {"metadata.state": State.CANCELLED, "uploadDate": {"$lt": before}}
        count = 0
        for document in self._videos["fs.files"].find(query, {"_id"}):
            self.discard(document["_id"])
            count += 1
        return count

    def expire_videos(self, before: datetime, now: datetime) -> int:
        """Remove the bytes of the videos stored before `before`; returns of how many.

        A video that still waits for its conversion stays. The documents stay, to say when.
        """
        waiting = [*IN_FLIGHT, State.CANCELLED]
        return _expire(self._videos, {"metadata.state": {"$nin": waiting}}, before, now)

    def expire_mp3s(self, before: datetime, now: datetime) -> int:
        """Remove the bytes of the MP3s stored before `before`; returns of how many."""
        return _expire(self._mp3s, {}, before, now)

    def swept(self, ended: datetime, removed: Mapping[str, int]) -> None:
        """Note, for the gateways to show, that a sweep ended and how many of each it removed."""
        note = {"$set": {"ended": ended, "removed": removed}}
        self._videos["sweeps"].update_one(LAST_SWEEP, note, upsert=True)


def _expire(database: Database[Document], which: Document, before: datetime, now: datetime) -> int:
    query = {"uploadDate": {"$lt": before}, "metadata.emptied": {"$ne": True}, **which}
    count = 0
    for file in database["fs.files"].find(query, {"_id"}):
        one = {"_id": file["_id"]}
        # Marked first, so that no reader meets a hole; marked again when nothing is left.
        database["fs.files"].update_one(one, {"$set": {"metadata.removed": now}})
        database["fs.chunks"].delete_many({"files_id": file["_id"]})
        database["fs.files"].update_one(one, {"$set": {"metadata.emptied": True}})
        count += 1
    return count
