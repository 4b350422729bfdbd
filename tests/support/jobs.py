"""Jobs as the database has them: videos stored as by the gateway, and what became of them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from tests.support import files
from tests.support.closing import Closing
from tests.support.files import Document
from tests.support.process import sweep


class Jobs(Closing):
    """All jobs of the stack's MongoDB, or of another one."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._mongo = files.connect(uri)
        self.videos, self.mp3s = self._mongo["videos"], self._mongo["mp3s"]
        self._orphans_before = self._all_orphans()

    def close(self) -> None:
        """Close the connection."""
        self._mongo.close()

    def store(self, content: bytes, username: str, **metadata: Any) -> ObjectId:
        """Store a video as a queued job, without a message."""
        queued = {"state": "queued", "error": None} | metadata
        return files.store_video(self._mongo, username, content, **queued)

    def store_waiting(self, content: bytes, username: str, **metadata: Any) -> ObjectId:
        """Store a job that has waited for a minute, which no express lane lets wait longer."""
        job_id = self.store(content, username, **metadata)
        minute_ago = datetime.now(UTC) - timedelta(minutes=1)
        self.videos["fs.files"].update_one({"_id": job_id}, {"$set": {"uploadDate": minute_ago}})
        return job_id

    def store_mp3(self, content: bytes, username: str, job_id: ObjectId) -> ObjectId:
        """Store an MP3 as if made of a job's video."""
        return files.store_mp3(self._mongo, username, job_id, content)

    def forget_waiting(self) -> None:
        """Let no job wait that other tests have left without an end or a message.

        Lanes and gateways would take them.
        """
        waiting = {"metadata.state": {"$in": ["queued", "converting"]}}
        self.videos["fs.files"].update_many(waiting, {"$set": {"metadata.state": "failed"}})
        untold = {"metadata.told": False}
        self.videos["fs.files"].update_many(untold, {"$unset": {"metadata.told": ""}})

    def record(self, video_fid: ObjectId) -> Document:
        """The job's metadata."""
        document = self.videos["fs.files"].find_one({"_id": video_fid})
        assert document, f"there is no video {video_fid}"
        return dict(document["metadata"])

    def states(self, username: str) -> dict[str, int]:
        """How many jobs of a user are in each state."""
        found = self.videos["fs.files"].find({"metadata.username": username}, {"metadata.state"})
        return Counter(job["metadata"]["state"] for job in found)

    def open(self, username: str) -> int:
        """How many jobs of a user have not ended, or were not told."""
        unfinished = [
            {"metadata.state": {"$in": ["queued", "converting"]}},
            {"metadata.told": False},
        ]
        query = {"metadata.username": username, "$or": unfinished}
        return self.videos["fs.files"].count_documents(query)

    def uploaded(self, video_fid: ObjectId) -> datetime:
        """When the job was stored."""
        document = self.videos["fs.files"].find_one({"_id": video_fid})
        assert document, f"there is no video {video_fid}"
        uploaded: datetime = document["uploadDate"]
        return uploaded

    def mp3s_of(self, video_fid: ObjectId) -> list[ObjectId]:
        """The ids of all MP3s that were made of a video."""
        found = self.mp3s["fs.files"].find({"metadata.video_fid": str(video_fid)}, {"_id"})
        return [document["_id"] for document in found]

    def mp3_size(self, mp3_fid: ObjectId) -> int:
        """The bytes of an MP3's chunks, which must be those of its document."""
        document = self.mp3s["fs.files"].find_one({"_id": mp3_fid})
        assert document
        size = len(files.content(self.mp3s, mp3_fid))
        assert size == document["length"]
        return size

    def orphans(self) -> int:
        """How many files have chunks but no document, those before this test left out.

        A worker that an earlier test killed may have left some.
        """
        return len(self._all_orphans() - self._orphans_before)

    def files_of(self, username: str) -> int:
        """How many videos and MP3s a user has."""
        query = {"metadata.username": username}
        return sum(d["fs.files"].count_documents(query) for d in (self.videos, self.mp3s))

    def swept(self) -> bool:
        """Run the product's sweeper, at its shortest age; whether no orphan is left."""
        sweep(self.uri, SWEEP_AGE="1", LOG_LEVEL="WARNING")
        return self.orphans() == 0

    def _all_orphans(self) -> set[ObjectId]:
        return files.orphans(self._mongo, "videos") | files.orphans(self._mongo, "mp3s")
