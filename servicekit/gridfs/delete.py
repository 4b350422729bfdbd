"""Delete a GridFS file, also when MongoDB is slow or away and a client waits for its answer."""

import logging
import threading
import time
from collections.abc import Iterator

import pymongo
from bson import ObjectId
from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import PyMongoError

from servicekit.backoff import Backoff
from servicekit.gridfs.mongodb import Document

log = logging.getLogger(__name__)

ABORT_TIMEOUT = 2.0  # seconds that a caller waits; 2 GB took up to 1.6 s (measured)
LATE_TIMEOUT = 60.0  # seconds for an attempt after that, when nobody waits
LATE_ATTEMPTS = 8
LATE_BACKOFF = Backoff(first=2, longest=60)


def delete_eventually(
    database: Database[Document], file_id: ObjectId, only_if: Document | None = None
) -> None:
    """Delete a file within ABORT_TIMEOUT, or else later, in a thread of its own.

    What is left when the process ends before that, the sweeper deletes.
    """
    if not _deleted(database, file_id, only_if, ABORT_TIMEOUT):
        late = threading.Thread(
            target=_delete_later, args=(database, file_id, only_if), daemon=True
        )
        late.start()


def _delete_later(
    database: Database[Document], file_id: ObjectId, only_if: Document | None
) -> None:
    for attempt in range(LATE_ATTEMPTS):
        time.sleep(LATE_BACKOFF.delay(attempt))
        if _deleted(database, file_id, only_if, LATE_TIMEOUT):
            return


def _deleted(
    database: Database[Document], file_id: ObjectId, only_if: Document | None, timeout: float
) -> bool:
    try:
        with pymongo.timeout(timeout):
            delete(database, file_id, only_if)
    except PyMongoError as error:
        log.warning("Could not delete the file %s yet: %s", file_id, error)
        return False
    return True


def delete(
    database: Database[Document], file_id: ObjectId, only_if: Document | None = None
) -> None:
    """Delete a file and its chunks, the file first so that no reader meets a hole.

    A file whose document does not match `only_if` stays. Raises PyMongoError.
    """
    files = database["fs.files"]
    files.delete_one({"_id": file_id, **(only_if or {})})
    if not only_if or files.find_one({"_id": file_id}, {"_id"}) is None:
        database["fs.chunks"].delete_many({"files_id": file_id})


def ids_in_chunks(database: Database[Document]) -> Iterator[ObjectId]:
    """The file of each chunk, once, also where its document is gone; raises PyMongoError."""
    # Sorted first, the grouping only skips through the index and reads no chunk.
    pipeline: list[Document] = [
        {"$sort": {"files_id": ASCENDING}},
        {"$group": {"_id": "$files_id"}},
    ]
    return (group["_id"] for group in database["fs.chunks"].aggregate(pipeline))
