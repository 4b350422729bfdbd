"""What MP3s are called: by their videos, alone and beside each other."""

import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from urllib.parse import quote

_NOT_IN_A_NAME = '<>:"/\\|?*'  # on one system or another
_STEM = 255 - len(" (400).mp3")  # bytes of a name that file systems keep whole


def mp3_name(video_name: str) -> str:
    """What the MP3 of a video of this name is called."""
    return (PurePosixPath(video_name).stem or video_name) + ".mp3"


def disposition(name: str) -> str:
    """`attachment` with the name twice: in ASCII for old clients, and as RFC 6266 has it."""
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def in_one_folder(names: Iterable[str]) -> Iterator[str]:
    """The same names, fit for one folder of any system, and no two alike.

    Of those that are alike, the second and later have a number: `talk (2).mp3`. Nothing in a name
    leads out of the folder.
    """
    taken: set[str] = set()
    for name in map(PurePosixPath, map(_safe, names)):
        stem = name.stem.encode()[:_STEM].decode(errors="ignore")
        number, free = 1, stem + name.suffix
        while _folded(free) in taken:
            number += 1
            free = f"{stem} ({number}){name.suffix}"
        taken.add(_folded(free))
        yield free


def _safe(name: str) -> str:
    """A name of one component that no system reads as another one, or as more."""
    return "".join(
        "_" if c in _NOT_IN_A_NAME or unicodedata.category(c) in ("Cc", "Cs") else c for c in name
    )


def _folded(name: str) -> str:
    """Names that are equal in this are one file on some systems."""
    return unicodedata.normalize("NFC", name).casefold()
