"""A job as its owner sees it: the object of the API."""

import json
from datetime import datetime
from typing import Any, TypedDict

from werkzeug.http import generate_etag

from servicekit.jobs.chapters import Chapter
from servicekit.jobs.job import Job, Mp3
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.state import State
from servicekit.jobs.tracks import to_documents


class Representation(TypedDict):
    """The schema Job of openapi.json: ids and dates as texts, sizes in bytes."""

    id: str
    state: str
    percent: float
    error: str | None
    error_code: str | None
    filename: str
    options: dict[str, Any]
    tracks: list[dict[str, Any]] | None
    created: str
    queued: str
    finished: str | None
    video_bytes: int
    video_removed: str | None
    mp3_fid: str | None
    mp3_bytes: int | None
    mp3_chapters: int | None
    mp3_removed: str | None


def represent(jobs: Jobs, *some: Job) -> list[Representation]:
    """The objects for some jobs; PyMongoError when MongoDB fails."""
    mp3s = jobs.mp3s_of(*(job.id for job in some))
    return [_represent(job, mp3s.get(job.id)) for job in some]


class ChapterRepresentation(TypedDict):
    """The schema Chapter of openapi.json: times in seconds of the whole MP3, the size in bytes."""

    number: int
    title: str
    start: float
    end: float
    bytes: int
    url: str


def represent_chapter(job_id: str, chapter: Chapter) -> ChapterRepresentation:
    """The object for a chapter of the job's MP3."""
    return {
        "number": chapter.number,
        "title": chapter.title,
        "start": chapter.start,
        "end": chapter.end,
        "bytes": chapter.length,
        "url": f"/jobs/{job_id}/chapters/{chapter.number}",
    }


def version(representation: Representation) -> str:
    """The ETag: different for any two different states of a job."""
    return generate_etag(json.dumps(representation, sort_keys=True).encode())


def _represent(job: Job, mp3: Mp3 | None) -> Representation:
    return {
        "id": str(job.id),
        "state": job.state,
        "percent": 100 if job.state is State.DONE else job.percent,
        "error": job.failure.text if job.failure else None,
        "error_code": job.failure.code if job.failure else None,
        "filename": job.file.filename,
        "options": job.options.to_document(),
        "tracks": to_documents(job.tracks) if job.tracks is not None else None,
        "created": _iso(job.file.uploaded),
        "queued": _iso(job.queued),
        "finished": _iso(mp3.file.uploaded) if mp3 else None,
        "video_bytes": job.file.length,
        "video_removed": _iso(job.removed) if job.removed else None,
        "mp3_fid": str(mp3.id) if mp3 else None,
        "mp3_bytes": mp3.file.length if mp3 else None,
        "mp3_chapters": mp3.chapters if mp3 else None,
        "mp3_removed": _iso(mp3.removed) if mp3 and mp3.removed else None,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
