"""Read a part of a GridFS file, at any place, in bounded memory."""

from collections.abc import Iterator

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import PyMongoError

from servicekit.gridfs.file import GridFile
from servicekit.gridfs.mongodb import Document

# 1 MB a query: it is still in the processor's cache when it is sent; 4 MB are slower (measured).
BATCH_CHUNKS = 4


class MissingChunksError(PyMongoError):
    """A part of the file is not there, and will not come back."""


def read(database: Database[Document], file: GridFile, start: int, stop: int) -> Iterator[bytes]:
    """The bytes from `start` up to, not including, `stop` of a file, a chunk at a time.

    A query for every few chunks: a cursor would die on the server while a slow reader takes its
    time, and a query is repeated by the driver when MongoDB restarts. Raises PyMongoError, also
    where a chunk is missing: the reader must see a broken transfer, never a short file.
    """
    size = file.chunk_size
    for first, end in _batches(start // size, (stop - 1) // size + 1):
        for n, data in zip(range(first, end), _chunks(database, file, first, end), strict=True):
            yield data[max(start - n * size, 0) : stop - n * size]


def _batches(first: int, stop: int) -> Iterator[tuple[int, int]]:
    """The chunks of each query; of the first only one, for which the reader waits."""
    end = first + 1
    while first < stop:
        yield first, min(end, stop)
        first, end = end, end + BATCH_CHUNKS


def _chunks(database: Database[Document], file: GridFile, first: int, end: int) -> list[bytes]:
    query = {"files_id": file.id, "n": {"$gte": first, "$lt": end}}
    found = database["fs.chunks"].find(query, batch_size=end - first + 1)
    chunks = [chunk["data"] for chunk in found.sort("n", ASCENDING)]
    wanted = min(end * file.chunk_size, file.length) - first * file.chunk_size
    if sum(map(len, chunks)) != wanted:
        raise MissingChunksError(f"{file.id} lacks chunks between {first} and {end}")
    return chunks
