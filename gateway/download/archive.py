"""A ZIP of stored files, written as it is sent, and its length before that.

Python's own `zipfile` writes the records. It knows no length beforehand, so that is added up here
by its rules: a CRC comes behind its file, in a data descriptor (APPNOTE.TXT, 4.3.9), and ZIP64 is
used for what is past 2 GiB, and only for that.
"""

import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zipfile import ZipFile, ZipInfo

from servicekit.gridfs.file import GridFile

# Bytes of the records without names and extra fields (APPNOTE.TXT, 4.3.7 to 4.3.16).
_LOCAL, _CENTRAL, _END = 30, 46, 22
_DESCRIPTOR, _LARGE_DESCRIPTOR = 16, 24
_END_64 = 56 + 20  # with its locator
_EXTRA_HEADER = 4

_OLDEST, _NEWEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, tzinfo=UTC)
_MOST_SECONDS = 2**31 - 1
_READABLE = 0o100644 << 16  # a regular file, where a system has such modes


@dataclass(frozen=True)
class Entry:
    """A stored file under its name in the archive."""

    name: str
    file: GridFile

    @property
    def is_large(self) -> bool:
        """Whether its sizes take ZIP64."""
        return self.file.length > zipfile.ZIP64_LIMIT

    def info(self) -> ZipInfo:
        """What its records say.

        A ZIP's own time has no zone; the extra field of Info-ZIP has the seconds since 1970.
        """
        moment = min(max(self.file.uploaded, _OLDEST), _NEWEST)
        info = ZipInfo(self.name, moment.timetuple()[:6])
        seconds = min(int(moment.timestamp()), _MOST_SECONDS)
        info.extra = struct.pack("<2sHBl", b"UT", 5, 1, seconds)
        info.external_attr = _READABLE
        return info


def length(entries: Sequence[Entry]) -> int:
    """How many bytes `pieces` gives for them."""
    offset = directory = 0
    for entry in entries:
        info = entry.info()
        named = len(info.filename.encode()) + len(info.extra)
        numbers = 2 * entry.is_large + (offset > zipfile.ZIP64_LIMIT)
        directory += _CENTRAL + named + _extra(numbers)
        offset += _LOCAL + named + _extra(2 * entry.is_large) + entry.file.length
        offset += _LARGE_DESCRIPTOR if entry.is_large else _DESCRIPTOR
    is_far = max(offset, directory) > zipfile.ZIP64_LIMIT
    return offset + directory + _END + (_END_64 if is_far else 0)


def _extra(numbers: int) -> int:
    """Bytes of a ZIP64 field with so many numbers."""
    return _EXTRA_HEADER + 8 * numbers if numbers else 0


def pieces(
    entries: Iterable[Entry], read: Callable[[GridFile], Iterator[bytes]]
) -> Iterator[bytes]:
    """The archive of what `read` gives for each file; what it raises comes through.

    The first piece has the first of a file's bytes. Without its end an archive is none: a reader
    sees that it is cut.
    """
    out = _Outbox()
    with ZipFile(out, "w") as archive:
        for entry in entries:
            with archive.open(entry.info(), "w", force_zip64=entry.is_large) as member:
                for data in read(entry.file):
                    member.write(data)
                    yield out.take()
    yield out.take()


class _Outbox:
    """What `zipfile` writes, until it is taken; not seekable, so that it looks back at nothing."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    close = flush

    def take(self) -> bytes:
        taken, self._written = self._written, []
        return b"".join(taken)
