"""A job and its MP3, as their GridFS documents record them; the only reader of `metadata`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from servicekit.about import of_job, sane
from servicekit.gridfs.file import GridFile
from servicekit.gridfs.mongodb import Document
from servicekit.jobs.options import Options
from servicekit.jobs.reasons import Failure
from servicekit.jobs.state import State
from servicekit.jobs.tracks import Track, from_documents


@dataclass(frozen=True)
class Job:
    """A user's video on its way to an MP3; its record is the video's document.

    `queued` is when it was queued last, `retries` how often it was tried again, `percent` the
    progress of the conversion. `confirmed` says that the broker has taken the job's message. `told`
    is when it took the message of the mail, once the job has ended: False when it has not yet, None
    where nobody noted it. `removed` is when the video's bytes were removed for their age. `tracks`
    is None until a converter has looked at the video.
    `request_id` is that of the upload, and `traceparent` names its span, where it had one.
    """

    file: GridFile
    username: str
    state: State
    options: Options
    queued: datetime
    retries: int
    percent: float
    failure: Failure | None
    idempotency_key: str | None
    confirmed: bool
    told: datetime | bool | None
    removed: datetime | None
    tracks: tuple[Track, ...] | None
    request_id: str
    traceparent: str

    @property
    def id(self) -> ObjectId:
        """The job's id, which is its video's."""
        return self.file.id

    @classmethod
    def from_document(cls, document: Document) -> "Job":
        """The job of a video's document; defaults stand for what a document lacks or spells wrong.

        Operators write documents by hand, and older versions wrote fewer fields.
        """
        metadata = _mapping(document.get("metadata"))
        file = GridFile.from_document(document)
        return cls(
            file=file,
            username=str(metadata.get("username") or ""),
            state=_state(metadata.get("state")),
            options=Options.from_document(_mapping(metadata.get("options"))),
            queued=max(file.uploaded, _moment(metadata.get("retried")) or file.uploaded),
            retries=int(_number(metadata.get("retries"))),
            percent=_number(metadata.get("progress")),
            failure=_failure(metadata),
            idempotency_key=metadata.get("idempotency_key"),
            confirmed=bool(metadata.get("confirmed")),
            told=False if metadata.get("told") is False else _moment(metadata.get("told")),
            removed=_moment(metadata.get("removed")),
            tracks=from_documents(metadata.get("tracks")),
            request_id=sane(str(metadata.get("request_id") or "")),
            traceparent=str(metadata.get("traceparent") or ""),
        )

    @property
    def waited(self) -> float:
        """For how many seconds it has been queued, by this machine's clock."""
        return max(0.0, (datetime.now(UTC) - self.queued).total_seconds())

    @property
    def about(self) -> Mapping[str, str]:
        """The fields of the log lines about it."""
        return of_job(str(self.id), self.username) | {"request_id": self.request_id}


@dataclass(frozen=True)
class Mp3:
    """The MP3 of a user's video, with the number of its `chapters`.

    `removed` is when its bytes were removed for their age.
    """

    file: GridFile
    username: str
    video_id: str
    chapters: int
    removed: datetime | None

    @property
    def id(self) -> ObjectId:
        """The id that the mail names."""
        return self.file.id

    @classmethod
    def from_document(cls, document: Document) -> "Mp3":
        """The MP3 of a document in the database `mp3s`, with defaults like a job's.

        Its chapters are told where the query has put their number in the place of their list.
        """
        metadata = _mapping(document.get("metadata"))
        return cls(
            file=GridFile.from_document(document),
            username=str(metadata.get("username") or ""),
            video_id=str(metadata.get("video_fid", "")),
            chapters=int(_number(metadata.get("chapters"))),
            removed=_moment(metadata.get("removed")),
        )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _state(value: object) -> State:
    return next((state for state in State if state == value), State.QUEUED)


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _failure(metadata: Mapping[str, Any]) -> Failure | None:
    text, code = metadata.get("error"), metadata.get("error_code")
    return Failure(code, str(text)) if text else None
