"""The gateway's use of GridFS: videos go in, MP3s come out.

Every function raises PyMongoError when MongoDB fails.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bson import ObjectId
from bson.errors import InvalidId
from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from errors import RefusedError
from servicekit.gridfs.mongodb import Document
from servicekit.gridfs.upload import Upload
from servicekit.jobs.options import Options, OptionsError
from upload import form

BATCH_CHUNKS = 16  # about 4 MB a query


@dataclass(frozen=True)
class Sent:
    """An upload as it comes: whose, the body's type and pieces, and its idempotency key."""

    username: str
    content_type: str
    pieces: Iterable[bytes]
    key: str | None


def upload(videos: Database[Document], sent: Sent) -> Document:
    """Store the file of a multipart body as a queued job, and return the job's record.

    Of two uploads with the same key at once, the second is dropped and gets the first's record.
    RefusedError when the client sent no good file, PyMongoError when it could not be stored;
    then nothing of it is left.
    """
    try:
        with Upload(videos) as target:
            received = form.read(sent.content_type, sent.pieces, target.write)
            if not target.length:
                raise RefusedError("The file is empty")
            return target.finish(
                received.filename, received.content_type, _metadata(sent, received.fields)
            )
    except DuplicateKeyError:
        first = videos["fs.files"].find_one(
            {"metadata.username": sent.username, "metadata.idempotency_key": sent.key}
        )
        if first is None:
            raise
        return first


def _metadata(sent: Sent, fields: Mapping[str, str]) -> Document:
    try:
        options = Options.parse(fields).to_document()
    except OptionsError as error:
        raise RefusedError(str(error)) from error
    metadata: Document = {
        "username": sent.username,
        "state": "queued",
        "error": None,
        "mp3_fid": None,
    }
    if options:
        metadata["options"] = options
    if sent.key:
        metadata["idempotency_key"] = sent.key
    return metadata


def find_owned(database: Database[Document], fid: str, username: str) -> Document | None:
    """The file's document, if there is such a file and it is this user's."""
    try:
        query = {"_id": ObjectId(fid), "metadata.username": username}
    except InvalidId:
        return None
    return database["fs.files"].find_one(query)


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
