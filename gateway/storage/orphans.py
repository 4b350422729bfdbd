"""Chunks that belong to no file: what a killed process leaves of the file it was storing."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from bson import ObjectId
from pymongo import DESCENDING
from pymongo.database import Database

from servicekit.gridfs.delete import delete, ids_in_chunks
from servicekit.gridfs.mongodb import Document

LOOKUP = 1000  # ids that are looked up in one query


def remove(database: Database[Document], owners: Sequence[str], before: datetime) -> int:
    """Remove the chunks that nobody owns whose newest one was written before `before`.

    `owners` are the collections whose documents have a file's id, in the order in which it goes
    from one to the next. Returns how many files they were of; raises PyMongoError. A file being
    stored has no document either, but its newest chunk is young; were it removed all the same, the
    upload would notice.
    """
    removed = 0
    for file_id in _without_owner(database, owners):
        newest = database["fs.chunks"].find_one(
            {"files_id": file_id}, {"_id"}, sort=[("n", DESCENDING)]
        )
        if newest and _written(newest["_id"]) < before:
            delete(database, file_id)
            removed += 1
    return removed


def _without_owner(database: Database[Document], owners: Sequence[str]) -> Iterator[ObjectId]:
    ids = ids_in_chunks(database)
    while some := list(islice(ids, LOOKUP)):
        known = {
            found["_id"]
            for owner in owners
            for found in database[owner].find({"_id": {"$in": some}}, {"_id"})
        }
        yield from (file_id for file_id in some if file_id not in known)


def _written(chunk_id: ObjectId) -> datetime:
    return chunk_id.generation_time + timedelta(seconds=1)  # whole seconds, rounded down
