"""What the database holds, in figures; every method raises PyMongoError when MongoDB fails."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from servicekit.gridfs.mongodb import Document
from servicekit.jobs.queries import JobQueries
from servicekit.jobs.record import LAST_SWEEP, QUEUED
from servicekit.jobs.state import IN_FLIGHT, State


class Stored(NamedTuple):
    """Files that have not been removed for their age, and their bytes."""

    files: int
    bytes: int


class Sweep(NamedTuple):
    """When a sweep ended, and how many of each it removed."""

    ended: datetime
    removed: Mapping[str, int]


class Census(JobQueries):
    """Counts jobs and files of all users together."""

    def open_jobs(self) -> Mapping[State, int]:
        """How many jobs there are in each of the states that are no end."""
        stages: list[Document] = [
            {"$match": {"metadata.state": {"$in": IN_FLIGHT}}},
            {"$group": {"_id": "$metadata.state", "count": {"$sum": 1}}},
        ]
        found = {row["_id"]: row["count"] for row in self._videos["fs.files"].aggregate(stages)}
        return {state: found.get(state, 0) for state in IN_FLIGHT}

    def oldest_queued(self) -> float:
        """For how many seconds the job that waits longest is queued; 0 without one."""
        stages: list[Document] = [
            {"$match": {"metadata.state": State.QUEUED}},
            {"$group": {"_id": None, "since": {"$min": QUEUED}}},
            {"$project": {"ms": {"$subtract": ["$$NOW", "$since"]}}},
        ]
        found = next(self._videos["fs.files"].aggregate(stages), None)
        return found["ms"] / 1000 if found else 0.0

    def stored(self) -> Mapping[str, Stored]:
        """What each of the two databases holds; it looks at every file's record."""
        stages: list[Document] = [
            {"$match": {"metadata.removed": {"$exists": False}}},
            {"$group": {"_id": None, "files": {"$sum": 1}, "bytes": {"$sum": "$length"}}},
        ]
        rows = {
            database.name: next(database["fs.files"].aggregate(stages), None)
            for database in (self._videos, self._mp3s)
        }
        return {
            name: Stored(row["files"], row["bytes"]) if row else Stored(0, 0)
            for name, row in rows.items()
        }

    def last_sweep(self) -> Sweep | None:
        """The last sweep that came to its end, if there was one."""
        found = self._videos["sweeps"].find_one(LAST_SWEEP)
        return Sweep(found["ended"], found["removed"]) if found else None
