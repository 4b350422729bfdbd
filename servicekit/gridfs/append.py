"""A GridFS file that is written in several goes.

Whole chunks alone are stored; the tail of a go, less than one, is the caller's to keep until the
next. So no chunk is ever written again, and of two goes at once one fails by the chunks' unique
index instead of mixing its bytes with the other's.
"""

from contextlib import suppress
from typing import Self

from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import AutoReconnect, DuplicateKeyError

from servicekit.gridfs.file import CHUNK_SIZE
from servicekit.gridfs.mongodb import Document
from servicekit.gridfs.read import MissingChunksError
from servicekit.gridfs.upload import UploadStream


class AppendStream(UploadStream):
    """A file of which `stored` bytes, in whole chunks, are there. What is written stays."""

    def __init__(self, database: Database[Document], file_id: ObjectId, stored: int) -> None:
        super().__init__(database)
        self.file_id = file_id
        self.length = stored
        self._next = stored // CHUNK_SIZE

    def __enter__(self) -> Self:
        """Remove what an earlier go stored after the last of its bytes that count."""
        super().__enter__()
        self._chunks.delete_many({"files_id": self.file_id, "n": {"$gte": self._next}})
        return self

    def abort(self) -> None:
        """Wait for what is on its way."""
        self._sender.shutdown(wait=True)

    def settle(self) -> tuple[int, bytes]:
        """Store all whole chunks: the number of bytes in them, and the tail; PyMongoError."""
        if whole := len(self._buffer) // CHUNK_SIZE * CHUNK_SIZE:
            self._send(whole)
        self._wait()
        return self._next * CHUNK_SIZE, bytes(self._buffer)


class WholeFile(AppendStream):
    """One that lacks no more than its `tail`. To finish it twice, or two at once, does no harm."""

    def __init__(
        self, database: Database[Document], file_id: ObjectId, stored: int, tail: bytes
    ) -> None:
        super().__init__(database, file_id, stored)
        self.length += len(tail)
        self._tail = tail

    def __enter__(self) -> Self:
        """All that is stored counts: the tail too, if somebody has stored it already."""
        return self

    def finish(self, filename: str, content_type: str, metadata: Document) -> Document:
        """Store the tail, and publish the file unless it is; its document.

        PyMongoError; MissingChunksError where what was journaled is gone, as after a restore.
        """
        if self._tail:
            last = {"files_id": self.file_id, "n": self._next, "data": self._tail}
            with suppress(DuplicateKeyError):  # only who finishes the same file stores a tail
                self._chunks.insert_one(last)
            self._next += 1
        return super().finish(filename, content_type, metadata)

    def _check_whole(self) -> None:
        try:
            super()._check_whole()
        except AutoReconnect as error:
            raise MissingChunksError(str(error)) from error
