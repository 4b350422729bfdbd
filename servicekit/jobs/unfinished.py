"""Uploads that are not whole yet: how far each has come. Their bytes are GridFS chunks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId
from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.database import Database

from servicekit.gridfs.append import AppendStream, WholeFile
from servicekit.gridfs.delete import delete, delete_eventually
from servicekit.gridfs.mongodb import JOURNALED, Client, Document

_Delete = Callable[[Database[Document], ObjectId], object]

_INDEXES = [
    IndexModel([("username", ASCENDING)]),
    IndexModel([("expires", ASCENDING)]),
]


@dataclass(frozen=True)
class Unfinished:
    """An upload, whose job will have its `id`.

    `length` is that of the whole file, `stored` what is in chunks, both in bytes; `tail` comes
    after that. `go` counts who wrote to it: only the last may go on. `metadata` is the client's own
    text.
    """

    id: ObjectId
    username: str
    metadata: str
    length: int
    stored: int
    tail: bytes = field(repr=False)
    go: int
    expires: datetime

    @property
    def offset(self) -> int:
        """How many bytes have come to stay."""
        return self.stored + len(self.tail)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is to come."""
        return self.offset == self.length

    @property
    def is_over(self) -> bool:
        """Whether it has expired, by this machine's clock."""
        return self.expires <= datetime.now(UTC)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Unfinished":
        """As `begin` and `save` stored it."""
        return cls(document["_id"], *(document[name] for name in _FIELDS))


_FIELDS = ("username", "metadata", "length", "stored", "tail", "go", "expires")


class UnfinishedUploads:
    """Those of all users; each ends `lifetime` seconds after it grew last.

    Every method raises PyMongoError when MongoDB fails.
    """

    def __init__(self, client: Client, lifetime: float = 0) -> None:
        self._videos = client["videos"]
        # A client that was told an offset never sends what is before it again.
        self._uploads = self._videos["uploads"].with_options(write_concern=JOURNALED)
        self._lifetime = timedelta(seconds=lifetime)

    def begin(self, username: str, length: int, metadata: str) -> Unfinished:
        """An upload of which nothing has come yet."""
        self._uploads.create_indexes(_INDEXES)
        document: Document = {
            "_id": ObjectId(),
            "username": username,
            "metadata": metadata,
            "length": length,
            "stored": 0,
            "tail": b"",
            "go": 0,
            "expires": self._end(),
        }
        self._uploads.insert_one(document)
        return Unfinished.from_document(document)

    def count(self, username: str) -> int:
        """How many the user has."""
        return self._uploads.count_documents({"username": username})

    def find(self, upload_id: str, username: str) -> Unfinished | None:
        """The user's upload of this id; None when there is none, or it is another user's."""
        try:
            query = {"_id": ObjectId(upload_id), "username": username}
        except InvalidId:
            return None
        document = self._uploads.find_one(query)
        return Unfinished.from_document(document) if document else None

    def take(self, upload: Unfinished) -> Unfinished | None:
        """The same for who writes to it next; None when it is not as it was found any more.

        Whoever wrote until now cannot go on: a client that comes back has given up that request,
        also when the gateway does not know it yet.
        """
        document = self._uploads.find_one_and_update(
            _unchanged(upload), {"$inc": {"go": 1}}, return_document=ReturnDocument.AFTER
        )
        return Unfinished.from_document(document) if document else None

    def stream(self, upload: Unfinished) -> AppendStream:
        """Writes on where the upload is, after its tail."""
        return AppendStream(self._videos, upload.id, upload.stored)

    def whole(self, upload: Unfinished) -> WholeFile:
        """Makes a file of it."""
        return WholeFile(self._videos, upload.id, upload.stored, upload.tail)

    def save(self, upload: Unfinished, stored: int, tail: bytes) -> Unfinished | None:
        """Note how far it has come; None when somebody else writes to it now, or it is gone."""
        update = {"$set": {"stored": stored, "tail": tail, "expires": self._end()}}
        document = self._uploads.find_one_and_update(
            {"_id": upload.id, "go": upload.go}, update, return_document=ReturnDocument.AFTER
        )
        return Unfinished.from_document(document) if document else None

    def forget(self, upload_id: ObjectId) -> None:
        """It has become a job."""
        self._uploads.delete_one({"_id": upload_id})

    def remove(self, upload: Unfinished) -> None:
        """Remove it, with what has come of it: that soon, if it is much."""
        self._remove({"_id": upload.id}, delete_eventually)

    def remove_expired(self, now: datetime) -> int:
        """Remove those that ended before `now`; how many."""
        over = {"expires": {"$lt": now}}
        found = self._uploads.find(over, {"_id"})
        return sum(self._remove({"_id": upload["_id"]} | over, delete) for upload in found)

    def _remove(self, query: Document, delete_chunks: _Delete) -> bool:
        """The record first: without it nobody writes on, and nobody makes a job of it."""
        removed = self._uploads.find_one_and_delete(query)
        if removed is None:
            return False
        if self._videos["fs.files"].find_one({"_id": removed["_id"]}, {"_id"}) is None:
            delete_chunks(self._videos, removed["_id"])
        return True

    def _end(self) -> datetime:
        return datetime.now(UTC) + self._lifetime


def _unchanged(upload: Unfinished) -> Document:
    return {"_id": upload.id, "go": upload.go, "stored": upload.stored, "tail": upload.tail}
