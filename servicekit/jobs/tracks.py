"""The audio tracks that the converter found in a job's video, as its record lists them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

MAX_TRACKS = 100  # the converter opens no file with more streams
MAX_TITLE = 200  # characters, as of a tag


@dataclass(frozen=True)
class Track:
    """What a file says of one of its audio tracks; None is what it does not say.

    `number` counts them from 1. `default` is the one that is taken where none is asked for.
    `sample_rate` is in Hz. The texts are a stranger's, cut to their length.
    """

    number: int
    language: str | None
    title: str | None
    codec: str
    channels: int | None
    sample_rate: int | None
    default: bool

    def to_document(self) -> dict[str, Any]:
        """For the record, and for the job's owner."""
        return asdict(self)


def to_documents(tracks: Sequence[Track]) -> list[dict[str, Any]]:
    """The list for the record."""
    return [track.to_document() for track in tracks[:MAX_TRACKS]]


def from_documents(value: object) -> tuple[Track, ...] | None:
    """The tracks of a record's list; None where there is none, as of a job not looked at yet."""
    if not isinstance(value, list):
        return None
    documents = [item for item in value[:MAX_TRACKS] if isinstance(item, dict)]
    return tuple(_track(number, document) for number, document in enumerate(documents, start=1))


def _track(number: int, document: Mapping[str, Any]) -> Track:
    return Track(
        number=number,
        language=_text(document.get("language")),
        title=_text(document.get("title")),
        codec=_text(document.get("codec")) or "",
        channels=_count(document.get("channels")),
        sample_rate=_count(document.get("sample_rate")),
        default=document.get("default") is True,
    )


def _text(value: object) -> str | None:
    return value[:MAX_TITLE] if isinstance(value, str) and value else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
