"""Read a part of a GridFS file, at any place, in bounded memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

import pymongo
from pymongo import ASCENDING
from pymongo.cursor import Cursor
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, CursorNotFound, PyMongoError

from servicekit.gridfs.file import GridFile
from servicekit.gridfs.mongodb import Document

# 1 MB an answer: it is still in the processor's cache when it is sent; 4 MB are slower (measured).
BATCH_CHUNKS = 4


class MissingChunksError(PyMongoError):
    """A part of the file is not there, and will not come back."""


def read(database: Database[Document], file: GridFile, start: int, stop: int) -> Iterator[bytes]:
    """The bytes from `start` up to, not including, `stop` of a file, a chunk at a time.

    One cursor gives them, after a query for the first chunk alone, for which the reader waits.
    Raises PyMongoError, also where a chunk is missing: the reader must see a broken transfer, never
    a short file.
    """
    size = file.chunk_size
    first, end = start // size, (stop - 1) // size + 1
    chunks = chain(
        _chunks(database, file, first, first + 1), _chunks(database, file, first + 1, end)
    )
    for n, data in enumerate(chunks, first):
        yield data[max(start - n * size, 0) : stop - n * size]


def _chunks(database: Database[Document], file: GridFile, n: int, end: int) -> Iterator[bytes]:
    """The data of the chunks from `n` up to, not including, `end`.

    MongoDB forgets a cursor that a slow reader left alone for long, and all of them when it
    restarts: another one goes on where the lost one was. Only queries are repeated by the driver.
    """
    while n < end:
        begun = n
        try:
            with _find(database, file, n, end) as cursor:
                for chunk in cursor:
                    yield _whole(chunk, file, n)
                    n += 1
        except (ConnectionFailure, CursorNotFound) as error:
            if n == begun or error.timeout:
                raise
        else:
            if n < end:
                raise MissingChunksError(f"{file.id} lacks chunks from {n} on")


@contextmanager
def _find(
    database: Database[Document], file: GridFile, first: int, end: int
) -> Iterator[Cursor[Document]]:
    query = {"files_id": file.id, "n": {"$gte": first, "$lt": end}}
    wanted = {"_id": False, "n": True, "data": True}
    # One more than there are, and the server has forgotten the cursor with its first answer.
    batch = min(BATCH_CHUNKS, end - first + 1)
    cursor = database["fs.chunks"].find(query, wanted, batch_size=batch).sort("n", ASCENDING)
    try:
        yield cursor
    finally:
        with pymongo.timeout(database.client.options.timeout):  # the one thing that knows none
            cursor.close()


def _whole(chunk: Document, file: GridFile, n: int) -> bytes:
    data: bytes = chunk["data"]
    if chunk["n"] != n or len(data) != min(file.chunk_size, file.length - n * file.chunk_size):
        raise MissingChunksError(f"{file.id} lacks chunk {n}, or a part of it")
    return data
