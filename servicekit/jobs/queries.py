"""What can be asked about jobs; every method raises PyMongoError when MongoDB fails."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from bson.errors import InvalidId
from pymongo import ASCENDING, DESCENDING, IndexModel

from servicekit.gridfs.file import GridFile
from servicekit.gridfs.mongodb import Client, Document
from servicekit.jobs import chapters as records
from servicekit.jobs.chapters import Chapter
from servicekit.jobs.job import Job, Mp3
from servicekit.jobs.state import IN_FLIGHT, State

_VIDEO_INDEXES = [
    IndexModel([("metadata.username", ASCENDING), ("uploadDate", DESCENDING), ("_id", DESCENDING)]),
    # By state first: who waits, and who is served, is asked for all users together.
    IndexModel(
        [("metadata.state", ASCENDING), ("metadata.username", ASCENDING), ("uploadDate", ASCENDING)]
    ),
    IndexModel([("metadata.told", ASCENDING)], partialFilterExpression={"metadata.told": False}),
    IndexModel(
        [("metadata.username", ASCENDING), ("metadata.idempotency_key", ASCENDING)],
        unique=True,
        partialFilterExpression={"metadata.idempotency_key": {"$exists": True}},
    ),
]
# A thousand chapters take 1 MB, which no list is to wait for: their number stands in their place.
# What has no head is none, whoever wrote it.
_CHAPTERS = "$metadata.chapters"
_WITH_HEAD = {"input": _CHAPTERS, "cond": {"$eq": [{"$type": "$$this.head"}, "binData"]}}
_NUMBER = {"$cond": [{"$isArray": _CHAPTERS}, {"$size": {"$filter": _WITH_HEAD}}, 0]}
_CHAPTERS_COUNTED = {"$set": {"metadata.chapters": _NUMBER}}


@dataclass(frozen=True)
class Place:
    """A place in the list of jobs, newest first: that of the job `job_id`, uploaded at `uploaded`.

    Without the moment the job is looked up for it.
    """

    job_id: ObjectId
    uploaded: datetime | None = None


@dataclass(frozen=True)
class Page:
    """Which jobs of a user: newest first, at most `limit`, in one state, behind a place.

    `named` is a part of their videos' names; upper and lower case are one.
    """

    limit: int
    state: State | None = None
    before: Place | None = None
    named: str = ""


class JobQueries:
    """The jobs and MP3s in the databases `videos` and `mp3s`."""

    def __init__(self, client: Client) -> None:
        self._videos = client["videos"]
        self._mp3s = client["mp3s"]

    def create_indexes(self) -> None:
        """Make the queries fast, and an idempotency key unique for its user."""
        self._videos["fs.files"].create_indexes(_VIDEO_INDEXES)

    def find(self, job_id: str, username: str) -> Job | None:
        """The user's job of this id; None when there is none, or it is another user's."""
        return self.find_all([job_id], username).get(job_id)

    def find_all(self, job_ids: Collection[str], username: str) -> Mapping[str, Job]:
        """The user's jobs of these ids, by the id as it was given."""
        ids = {job_id: ObjectId(job_id) for job_id in job_ids if ObjectId.is_valid(job_id)}
        query = {
            "_id": {"$in": list(ids.values())},
            "metadata.username": username,
            "metadata.state": {"$ne": State.CANCELLED},
        }
        jobs = {job.id: job for job in map(Job.from_document, self._videos["fs.files"].find(query))}
        return {given: jobs[job_id] for given, job_id in ids.items() if job_id in jobs}

    def find_by_key(self, key: str, username: str) -> Job | None:
        """The job that the user's request with this idempotency key made."""
        query = {"metadata.idempotency_key": key, "metadata.username": username}
        document = self._videos["fs.files"].find_one(query)
        return Job.from_document(document) if document else None

    def find_mp3(self, fid: str, username: str) -> Mp3 | None:
        """The user's MP3 of this id; None when there is none, or it is another user's."""
        return next(self._find_mp3s(_owned(fid, username)), None)

    def mp3s(self, mp3_ids: Sequence[ObjectId]) -> list[Mp3]:
        """Those MP3s of these ids that there are, in their order, whoever asks."""
        mp3s = {mp3.id: mp3 for mp3 in self._find_mp3s({"_id": {"$in": list(mp3_ids)}})}
        return [mp3s[mp3_id] for mp3_id in mp3_ids if mp3_id in mp3s]

    def mp3_of(self, job_id: ObjectId) -> Mp3 | None:
        """The MP3 of the job, if there is one."""
        return self.mp3s_of(job_id).get(job_id)

    def mp3s_of(self, *job_ids: ObjectId) -> Mapping[ObjectId, Mp3]:
        """The MP3s of those jobs that have one, by the job's id."""
        query = {"metadata.video_fid": {"$in": [str(job_id) for job_id in job_ids]}}
        return {ObjectId(mp3.video_id): mp3 for mp3 in self._find_mp3s(query)}

    def chapters_of(self, mp3: Mp3) -> Sequence[Chapter]:
        """The chapters of the MP3; none where it has none, or an older version made it."""
        document = self._mp3s["fs.files"].find_one({"_id": mp3.id}, {"metadata.chapters"})
        metadata = (document or {}).get("metadata") or {}
        return records.from_documents(metadata.get("chapters"), mp3.file.length)

    def page(self, username: str, page: Page) -> list[Job]:
        """One page of the user's jobs.

        Their order is that of `uploadDate`, which MongoDB's own clock sets when an upload is whole:
        a new job comes before all that were ever listed, whichever gateway took it.
        """
        query: Document = {"metadata.username": username}
        query["metadata.state"] = page.state or {"$ne": State.CANCELLED}
        if page.named:
            query["filename"] = {"$regex": _literal(page.named), "$options": "i"}
        if page.before:
            query["$or"] = self._behind(page.before)
        order = [("uploadDate", DESCENDING), ("_id", DESCENDING)]
        found = self._videos["fs.files"].find(query).sort(order).limit(page.limit)
        return [Job.from_document(document) for document in found]

    def in_flight(self, username: str) -> int:
        """How many of the user's jobs are queued or being converted."""
        query = {"metadata.username": username, "metadata.state": {"$in": IN_FLIGHT}}
        return self._videos["fs.files"].count_documents(query)

    def _find_mp3s(self, query: Document) -> Iterator[Mp3]:
        found = self._mp3s["fs.files"].aggregate([{"$match": query}, _CHAPTERS_COUNTED])
        return map(Mp3.from_document, found)

    def _behind(self, place: Place) -> list[Document]:
        uploaded = place.uploaded or self._uploaded(place.job_id)
        return [
            {"uploadDate": {"$lt": uploaded}},
            {"uploadDate": uploaded, "_id": {"$lt": place.job_id}},
        ]

    def _uploaded(self, job_id: ObjectId) -> datetime:
        """When the job was uploaded; of one that is gone only its id tells, in whole seconds."""
        document = self._videos["fs.files"].find_one({"_id": job_id}, {"uploadDate"})
        return GridFile.from_document(document or {"_id": job_id}).uploaded


def _literal(text: str) -> str:
    """The regular expression of this very text, its accents joined or apart: systems do both."""
    forms = {unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)}
    return "|".join(map(re.escape, sorted(forms)))


def _owned(file_id: str, username: str) -> Document:
    """The query for a user's own file; one for no file at all where `file_id` is no id."""
    try:
        return {"_id": ObjectId(file_id), "metadata.username": username}
    except InvalidId:
        return {"_id": {"$in": []}}
