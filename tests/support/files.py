"""GridFS files: stored as the services store them, and read back."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pymongo
from bson import ObjectId
from pymongo.database import Database

from servicekit.gridfs.file import CHUNK_SIZE
from servicekit.gridfs.upload import UploadStream

Document = dict[str, Any]
Mongo = pymongo.MongoClient[Document]

TIMEOUT_MS = 10_000  # of one operation


def connect(uri: str) -> Mongo:
    """A client of the databases `videos` and `mp3s`; close it, or use it in a `with`."""
    return pymongo.MongoClient(uri, timeoutMS=TIMEOUT_MS, tz_aware=True)


def store(
    database: Database[Document], pieces: Iterable[bytes], name: str, kind: str, metadata: Document
) -> ObjectId:
    """Store a file of the content type `kind`; its id."""
    with UploadStream(database) as upload:
        for piece in pieces:
            upload.write(piece)
        upload.finish(name, kind, metadata)
    return upload.file_id


def store_video(
    mongo: Mongo, username: str, content: bytes = b"x", name: str = "film.mp4", **metadata: Any
) -> ObjectId:
    """Store a video that no message is sent for; its id."""
    of_user = {"username": username} | metadata
    return store(mongo["videos"], [content], name, "video/mp4", of_user)


def store_mp3(
    mongo: Mongo, username: str, video_fid: ObjectId, content: bytes = b"sound"
) -> ObjectId:
    """Store an MP3 as if made of a video; its id."""
    metadata = {"username": username, "video_fid": str(video_fid)}
    return store(mongo["mp3s"], [content], f"{video_fid}.mp3", "audio/mpeg", metadata)


def store_done(mongo: Mongo, username: str, names: Iterable[str], content: bytes) -> list[ObjectId]:
    """Store many done jobs at once, whose videos have these names and whose MP3s `content`."""
    now = datetime.now(UTC)
    videos: list[Document] = [
        {
            "_id": ObjectId(),
            "filename": name,
            "length": 0,
            "chunkSize": CHUNK_SIZE,
            "uploadDate": now,
            "metadata": {"username": username, "state": "done"},
        }
        for name in names
    ]
    mp3s = [
        video
        | {
            "_id": ObjectId(),
            "filename": f"{video['_id']}.mp3",
            "length": len(content),
            "metadata": {"username": username, "video_fid": str(video["_id"])},
        }
        for video in videos
    ]
    pieces = [content[at : at + CHUNK_SIZE] for at in range(0, len(content), CHUNK_SIZE)]
    chunks = (
        {"files_id": mp3["_id"], "n": n, "data": data}
        for mp3 in mp3s
        for n, data in enumerate(pieces)
    )
    every_chunk = mongo["mp3s"]["fs.chunks"]
    every_chunk.create_index([("files_id", 1), ("n", 1)], unique=True)  # as the first upload does
    every_chunk.insert_many(chunks)
    mongo["mp3s"]["fs.files"].insert_many(mp3s)
    mongo["videos"]["fs.files"].insert_many(videos)
    return [video["_id"] for video in videos]


def videos_of(mongo: Mongo, username: str) -> list[Document]:
    """The documents of a user's videos."""
    return list(mongo["videos"]["fs.files"].find({"metadata.username": username}))


def content(database: Database[Document], file_id: ObjectId) -> bytes:
    """The chunks of a file, joined."""
    chunks = database["fs.chunks"].find({"files_id": file_id}).sort("n")
    return b"".join(chunk["data"] for chunk in chunks)


def orphans(mongo: Mongo, database: str = "videos") -> set[ObjectId]:
    """The ids of files that have chunks and no document."""
    files = mongo[database]["fs.files"].distinct("_id")
    return set(mongo[database]["fs.chunks"].distinct("files_id")) - set(files)
