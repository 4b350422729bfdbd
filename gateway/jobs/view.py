"""A job as its owner sees it."""

import json
from datetime import datetime
from typing import Any

from pymongo.database import Database
from werkzeug.http import generate_etag

from jobs.records import DONE, QUEUED
from servicekit.gridfs.mongodb import Document


def shown(mp3s: Database[Document], *jobs: Document) -> list[dict[str, Any]]:
    """The jobs as the objects of the API; PyMongoError when MongoDB fails."""
    files = mp3s_of(mp3s, *jobs)
    return [_shown(job, files.get(str(job["_id"]))) for job in jobs]


def mp3s_of(mp3s: Database[Document], *jobs: Document) -> dict[str, Document]:
    """The MP3s of those jobs that have one, by job id; PyMongoError when MongoDB fails."""
    query = {"metadata.video_fid": {"$in": [str(job["_id"]) for job in jobs]}}
    return {file["metadata"]["video_fid"]: file for file in mp3s["fs.files"].find(query)}


def state(job: Document) -> str:
    """Where the job stands."""
    return str(job["metadata"].get("state", QUEUED))


def version(job: dict[str, Any]) -> str:
    """Different for any two different states of a job."""
    return generate_etag(json.dumps(job, sort_keys=True).encode())


def _shown(job: Document, mp3: Document | None) -> dict[str, Any]:
    metadata = job["metadata"]
    done = state(job) == DONE
    return {
        "id": str(job["_id"]),
        "state": state(job),
        "percent": 100 if done else metadata.get("progress", 0),
        "error": metadata.get("error"),
        "filename": job["filename"],
        "options": metadata.get("options", {}),
        "created": _iso(job["uploadDate"]),
        "finished": _iso(mp3["uploadDate"]) if mp3 else None,
        "video_bytes": job["length"],
        "video_removed": _iso(metadata.get("removed")),
        "mp3_fid": str(mp3["_id"]) if mp3 else None,
        "mp3_bytes": mp3["length"] if mp3 else None,
        "mp3_removed": _iso(mp3["metadata"].get("removed")) if mp3 else None,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
