"""How much of what is stored is a user's; every method raises PyMongoError when MongoDB fails."""

from dataclasses import dataclass

from pymongo.collection import Collection

from servicekit.gridfs.mongodb import Client, Document
from servicekit.jobs.state import State


@dataclass(frozen=True)
class Stored:
    """So many files of so many bytes together."""

    files: int
    bytes: int


@dataclass(frozen=True)
class Usage:
    """What is kept of a user's files."""

    videos: Stored
    mp3s: Stored

    @property
    def bytes(self) -> int:
        """Of all together."""
        return self.videos.bytes + self.mp3s.bytes


class UsageQueries:
    """What is stored in the databases `videos` and `mp3s`."""

    def __init__(self, client: Client) -> None:
        self._videos = client["videos"]
        self._mp3s = client["mp3s"]

    def of(self, username: str) -> Usage:
        """The user's: files that are deleted, or removed for their age, take no space.

        An upload that is not whole yet counts as a video of the length that it will have.
        """
        kept: Document = {"metadata.username": username, "metadata.removed": None}
        jobs = kept | {"metadata.state": {"$ne": State.CANCELLED}}
        whole = _stored(self._videos["fs.files"], jobs)
        begun = _stored(self._videos["uploads"], {"username": username})
        videos = Stored(whole.files + begun.files, whole.bytes + begun.bytes)
        return Usage(videos, _stored(self._mp3s["fs.files"], kept))


def _stored(files: Collection[Document], which: Document) -> Stored:
    total = {"$group": {"_id": None, "files": {"$sum": 1}, "bytes": {"$sum": "$length"}}}
    for found in files.aggregate([{"$match": which}, total]):
        return Stored(found["files"], found["bytes"])
    return Stored(0, 0)
