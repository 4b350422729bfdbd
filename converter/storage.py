"""The job's record, its video and its MP3 in MongoDB's GridFS."""

import threading
from pathlib import Path
from typing import Any

from bson import ObjectId
from gridfs import GridFSBucket
from gridfs.errors import CorruptGridFile, NoFile
from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from convert.media import CUT_OFF, MediaError
from servicekit.errors import PermanentError, StoppedError
from servicekit.gridfs import delete as removal
from servicekit.gridfs.mongodb import Client, Document
from servicekit.gridfs.upload import Upload

BLOCK = 1 << 20  # bytes copied between two looks at the abort flag


CANCELLED = "cancelled"  # the state of a job whose user deleted it before its end


class CancelledError(Exception):
    """The user does not want the job any more."""


class Storage:
    """What a conversion reads and writes; every method raises PyMongoError when MongoDB fails."""

    def __init__(self, client: Client) -> None:
        self._videos = client["videos"]
        self._mp3s = client["mp3s"]

    def record(self, video_fid: ObjectId) -> Document:
        """The video's file document, which is the job's record.

        PermanentError when there is none, CancelledError when its user has deleted it.
        """
        document = self._videos["fs.files"].find_one({"_id": video_fid})
        if document is None:
            raise PermanentError(f"there is no video {video_fid}")
        if document.get("metadata", {}).get("state") == CANCELLED:
            raise CancelledError
        return document

    def update(self, video_fid: ObjectId, **fields: Any) -> None:
        """Set fields of the job's metadata; CancelledError when its user has deleted it."""
        written = self._videos["fs.files"].update_one(
            {"_id": video_fid, "metadata.state": {"$ne": CANCELLED}},
            {"$set": {f"metadata.{key}": value for key, value in fields.items()}},
        )
        if not written.matched_count:
            raise CancelledError

    def discard(self, video_fid: ObjectId) -> None:
        """Remove what is left of a cancelled job, its MP3 too if there is one already."""
        if mp3_fid := self.mp3_of(video_fid):
            removal.delete(self._mp3s, mp3_fid)
        removal.delete(self._videos, video_fid)

    def mp3_of(self, video_fid: ObjectId) -> ObjectId | None:
        """The id of the video's MP3, if there is one."""
        document = self._mp3s["fs.files"].find_one({"metadata.video_fid": str(video_fid)}, {"_id"})
        return document["_id"] if document else None

    def fetch(self, video_fid: ObjectId, target: Path, abort: threading.Event) -> None:
        """Copy the video to `target`; MediaError when parts of it are gone."""
        try:
            with (
                GridFSBucket(self._videos).open_download_stream(video_fid) as video,
                target.open("wb") as file,
            ):
                while block := video.read(BLOCK):
                    _stop_if(abort)
                    file.write(block)
        except NoFile as error:
            raise PermanentError(f"there is no video {video_fid}") from error
        except CorruptGridFile as error:
            raise MediaError(CUT_OFF) from error

    def store(
        self, source: Path, video_fid: ObjectId, username: str, abort: threading.Event
    ) -> ObjectId:
        """Store the MP3 and return its id; of two that store at once, the first one's for both."""
        files = self._mp3s["fs.files"]
        files.create_index([("metadata.video_fid", ASCENDING)], unique=True)
        try:
            with Upload(self._mp3s) as upload, source.open("rb") as file:
                while block := file.read(BLOCK):
                    _stop_if(abort)
                    upload.write(block)
                document = upload.finish(
                    filename=f"{video_fid}.mp3",
                    content_type="audio/mpeg",
                    metadata={"video_fid": str(video_fid), "username": username},
                )
                file_id: ObjectId = document["_id"]
                return file_id
        except DuplicateKeyError:
            first = self.mp3_of(video_fid)
            if first is None:
                raise
            return first


def _stop_if(abort: threading.Event) -> None:
    if abort.is_set():
        raise StoppedError("the job was broken off")
