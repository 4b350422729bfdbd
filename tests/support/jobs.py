"""Jobs as the database has them: videos stored as by the gateway, and what became of them."""

import os
import subprocess
import sys
from typing import Any

import pymongo
from bson import ObjectId

from servicekit.gridfs.upload import UploadStream
from tests.support.process import ROOT

Document = dict[str, Any]


class Jobs:
    """All jobs of the stack's MongoDB, or of another one."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.client: pymongo.MongoClient[Document] = pymongo.MongoClient(uri, timeoutMS=10_000)
        self.videos, self.mp3s = self.client["videos"], self.client["mp3s"]
        self._before = self._without_file()

    def store(self, content: bytes, username: str) -> ObjectId:
        """Store a video as a queued job, without a message."""
        with UploadStream(self.videos) as upload:
            upload.write(content)
            metadata = {"username": username, "state": "queued", "error": None}
            return ObjectId(upload.finish("video.mp4", "video/mp4", metadata)["_id"])

    def record(self, video_fid: ObjectId) -> Document:
        """The job's metadata."""
        document = self.videos["fs.files"].find_one({"_id": video_fid})
        assert document, f"there is no video {video_fid}"
        return dict(document["metadata"])

    def mp3s_of(self, video_fid: ObjectId) -> list[ObjectId]:
        """The ids of all MP3s that were made of a video."""
        found = self.mp3s["fs.files"].find({"metadata.video_fid": str(video_fid)}, {"_id"})
        return [document["_id"] for document in found]

    def mp3_size(self, mp3_fid: ObjectId) -> int:
        """The bytes of an MP3's chunks, which must be those of its document."""
        document = self.mp3s["fs.files"].find_one({"_id": mp3_fid})
        assert document
        chunks = self.mp3s["fs.chunks"].find({"files_id": mp3_fid})
        size = sum(len(chunk["data"]) for chunk in chunks)
        assert size == document["length"]
        return size

    def orphans(self) -> int:
        """How many files have chunks but no document, and had none when this was made.

        A worker that an earlier test killed may have left some: they are not this test's.
        """
        return len(self._without_file() - self._before)

    def _without_file(self) -> set[ObjectId]:
        return {
            owner
            for database in (self.videos, self.mp3s)
            for owner in set(database["fs.chunks"].distinct("files_id"))
            - set(database["fs.files"].distinct("_id"))
        }

    def files(self, username: str) -> int:
        """How many videos and MP3s a user has."""
        query = {"metadata.username": username}
        return sum(d["fs.files"].count_documents(query) for d in (self.videos, self.mp3s))

    def swept(self) -> bool:
        """Run the product's sweeper, at its shortest age; whether no orphan is left."""
        settings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SWEEP_AGE": "1"}
        subprocess.run(
            [sys.executable, "sweep.py"],
            cwd=ROOT / "gateway",
            env=settings | {"MONGODB_URI": self.uri},
            check=True,
            timeout=60,
        )
        return self.orphans() == 0
