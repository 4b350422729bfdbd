"""GridFS files: stored as the services store them, and read back."""

from collections.abc import Iterable
from typing import Any

import pymongo
from bson import ObjectId
from pymongo.database import Database

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
