"""Write a GridFS file as it arrives, in bounded memory, and leave nothing when it fails.

The driver's own upload stream never removes the chunks of a failed upload and batches 32 MB.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Self

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import AutoReconnect, BulkWriteError, OperationFailure

from servicekit import memory
from servicekit.gridfs.delete import delete_eventually
from servicekit.gridfs.file import CHUNK_SIZE, create_indexes
from servicekit.gridfs.mongodb import JOURNALED, Document

# About 1 MB an insert. 4 MB are no faster once two uploads share the cores, and 24 at once took
# 625 MB of memory instead of 240 (measured).
BATCH_CHUNKS = 4


class UploadStream:
    """A file being written to `database`'s GridFS; a context manager that aborts on an exception.

    One batch fills while the one before it is on its way, so at most two are in memory.
    The file does not exist for readers until `finish`.
    """

    def __init__(self, database: Database[Document]) -> None:
        self.file_id = ObjectId()
        self.length = 0
        self._files: Collection[Document] = database["fs.files"].with_options(
            write_concern=JOURNALED
        )
        self._chunks: Collection[Document] = database["fs.chunks"]
        self._buffer = bytearray()
        self._next = 0
        self._sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gridfs")
        self._sending: Future[object] | None = None

    def __enter__(self) -> Self:
        create_indexes(self._files.database)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.abort()
        self._sender.shutdown(wait=True)
        self._buffer = bytearray()
        if self._next >= BATCH_CHUNKS:
            memory.give_back()  # eight uploads at once left 40 MB behind (measured)

    def abort(self) -> None:
        """Delete what is written so far: the file never appears."""
        self._sender.shutdown(wait=True)
        if self._next:
            delete_eventually(self._files.database, self.file_id)

    def write(self, data: bytes | memoryview) -> None:
        """Add `data`; raises PyMongoError when an earlier batch could not be stored."""
        self._buffer += data
        self.length += len(data)
        size = CHUNK_SIZE * BATCH_CHUNKS
        while len(self._buffer) >= size:
            self._send(size)

    def finish(self, filename: str, content_type: str, metadata: Document) -> Document:
        """Store the rest and publish the file; its document is returned once it is journaled.

        Raises PyMongoError; DuplicateKeyError where a unique index refuses the file.
        """
        if self._buffer:
            self._send(len(self._buffer))
        self._wait()
        self._check_whole()
        document: Document = {
            "_id": self.file_id,
            "filename": filename,
            "contentType": content_type,
            "length": self.length,
            "chunkSize": CHUNK_SIZE,
            "metadata": metadata,
        }
        return self._insert(document)

    def _insert(self, document: Document) -> Document:
        """Insert the file's document, its date from MongoDB's own clock; one that is there stays.

        The clocks of two replicas differ, and by them a later file could be the older one.
        """
        dated = {"$mergeObjects": [{"$literal": document}, {"uploadDate": "$$NOW"}]}
        is_new = {"$eq": [{"$type": "$length"}, "missing"]}
        stored = self._files.find_one_and_update(
            {"_id": self.file_id},
            [{"$replaceWith": {"$cond": [is_new, dated, "$$ROOT"]}}],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        assert stored is not None  # noqa: S101 tells mypy that an upsert returns what it wrote
        return stored

    def _send(self, size: int) -> None:
        self._wait()
        documents = [
            {"_id": ObjectId(), "files_id": self.file_id, "n": self._next + n, "data": chunk}
            for n, chunk in enumerate(self._take(size))
        ]
        self._next += len(documents)
        within = copy_context()  # a time limit of the caller's holds for the insert too
        self._sending = self._sender.submit(within.run, self._insert_chunks, documents)

    def _take(self, size: int) -> list[bytes]:
        """The first `size` bytes of what waits, in chunks; copied once."""
        with memoryview(self._buffer) as view, view[:size] as taken:
            starts = range(0, size, CHUNK_SIZE)
            chunks = [bytes(taken[start : start + CHUNK_SIZE]) for start in starts]
        del self._buffer[:size]
        return chunks

    def _insert_chunks(self, documents: list[Document]) -> None:
        """The driver's own error holds the documents, a user's bytes, which belong in no log."""
        try:
            self._chunks.insert_many(documents)
        except BulkWriteError as error:
            failures = error.details["writeErrors"] or error.details["writeConcernErrors"]
            first = failures[0]
            raise OperationFailure(first["errmsg"], first["code"]) from None

    def _wait(self) -> None:
        if self._sending is not None:
            self._sending.result()
            self._sending = None

    def _check_whole(self) -> None:
        """Chunks are not journaled one by one: a server that crashed in between has lost some.

        The insert that follows is journaled, and with it all that was counted here.
        """
        stored = self._chunks.count_documents({"files_id": self.file_id})
        if stored != self._next:
            raise AutoReconnect(f"{self._next - stored} chunks are gone")
