"""The chapters of a job's MP3: each is a head and a part of the MP3's bytes, an MP3 by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_TEXT = 200  # characters of a title, and of what else is in a head


@dataclass(frozen=True)
class Chapter:
    """The `number`th, from 1 on; times in seconds of the whole MP3.

    Its bytes are `head`, a tag and a frame without sound, and the MP3's from `first` up to, not
    including, `stop`.
    """

    number: int
    title: str
    start: float
    end: float
    head: bytes = field(repr=False)
    first: int
    stop: int

    @property
    def length(self) -> int:
        """In bytes."""
        return len(self.head) + self.stop - self.first


def to_documents(chapters: Sequence[Chapter]) -> list[dict[str, Any]]:
    """The list for the record of the MP3."""
    return [
        {
            "title": chapter.title,
            "start": chapter.start,
            "end": chapter.end,
            "head": chapter.head,
            "first": chapter.first,
            "stop": chapter.stop,
        }
        for chapter in chapters
    ]


def from_documents(value: object, length: int) -> Sequence[Chapter]:
    """The chapters of a record's list, of an MP3 of `length` bytes; bad entries are left out."""
    documents = value if isinstance(value, list) else []
    good = [document for document in documents if _is_good(document, length)]
    return [_chapter(number, document) for number, document in enumerate(good, start=1)]


def _is_good(document: object, length: int) -> bool:
    if not isinstance(document, dict):
        return False
    first, stop = document.get("first"), document.get("stop")
    whole = isinstance(first, int) and isinstance(stop, int) and 0 <= first < stop <= length
    times = all(isinstance(document.get(name), int | float) for name in ("start", "end"))
    return whole and times and isinstance(document.get("head"), bytes)


def _chapter(number: int, document: Mapping[str, Any]) -> Chapter:
    title = str(document.get("title") or f"Chapter {number}")
    rest = (document[name] for name in ("start", "end", "head", "first", "stop"))
    return Chapter(number, title, *rest)
