"""The gateway's use of GridFS: videos go in, MP3s come out."""

from collections.abc import Iterable, Iterator

from bson import ObjectId
from bson.errors import InvalidId
from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import PyMongoError

from servicekit.errors import UnavailableError
from servicekit.filestore import Upload
from servicekit.mongo import Document
from upload import form
from upload.errors import RefusedError

BATCH_CHUNKS = 16  # about 4 MB a query


def upload(
    videos: Database[Document], content_type: str, body: Iterable[bytes], username: str
) -> ObjectId:
    """Store the file of a multipart body as a queued job, and return its id.

    RefusedError when the client sent no good file, UnavailableError when MongoDB could not store
    it; then nothing of it is left.
    """
    try:
        with Upload(videos) as target:
            sent = form.read(content_type, body, target.write)
            if not target.length:
                raise RefusedError("The file is empty")
            metadata = {"username": username, "state": "queued", "error": None, "mp3_fid": None}
            return target.finish(sent.filename, sent.content_type, metadata)
    except PyMongoError as error:
        raise UnavailableError(f"MongoDB: {error}") from error


def find_owned(database: Database[Document], fid: str, username: str) -> Document | None:
    """The file's document, if there is such a file and it is this user's."""
    try:
        file_id = ObjectId(fid)
    except InvalidId:
        return None
    return find(database, {"_id": file_id, "metadata.username": username})


def find(database: Database[Document], query: Document) -> Document | None:
    """One file's document; UnavailableError when MongoDB does not answer."""
    try:
        return database["fs.files"].find_one(query)
    except PyMongoError as error:
        raise UnavailableError(f"MongoDB: {error}") from error


def read(database: Database[Document], file: Document, start: int, stop: int) -> Iterator[bytes]:
    """The bytes from `start` up to, not including, `stop` of a file, chunk by chunk.

    A query for every few chunks: a cursor would die on the server while a slow client takes its
    time, and a query is repeated by the driver when MongoDB restarts. Raises PyMongoError, also
    where a chunk is missing: the client must see a broken transfer, never a short file.
    """
    size = file["chunkSize"]
    last = (stop - 1) // size
    for first in range(start // size, last + 1, BATCH_CHUNKS):
        end = min(first + BATCH_CHUNKS, last + 1)
        for n, data in zip(range(first, end), _chunks(database, file, first, end), strict=True):
            yield data[max(start - n * size, 0) : stop - n * size]


def _chunks(database: Database[Document], file: Document, first: int, end: int) -> list[bytes]:
    query = {"files_id": file["_id"], "n": {"$gte": first, "$lt": end}}
    found = database["fs.chunks"].find(query, batch_size=BATCH_CHUNKS + 1).sort("n", ASCENDING)
    chunks = [chunk["data"] for chunk in found]
    wanted = min(end * file["chunkSize"], file["length"]) - first * file["chunkSize"]
    if sum(map(len, chunks)) != wanted:
        raise PyMongoError(f"{file['_id']} lacks chunks between {first} and {end}")
    return chunks
