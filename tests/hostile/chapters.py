"""Chapters: 100,000 of them, in each other, and at times that cannot be."""

import struct

from tests.hostile.corpus import Bounds, Lab, case
from tests.hostile.formats import ebml, id3, ogg
from tests.hostile.formats.boxes import Movie, box, full, numbers
from tests.hostile.formats.ebml import element, number

_MANY = "100,000 chapters"
_COUNT = 100_000
_FEW_BYTES = Bounds(written=1)  # the chapters of a film are no megabyte


def _atom(uid: int, start: int, end: int, *nested: bytes) -> bytes:
    title = element(0x80, ebml.text(0x85, f"Chapter {uid}"))
    times = [number(0x91, start), number(0x92, end)]
    return element(0xB6, number(0x73C4, uid), *times, title, *nested)


def _edition(*atoms: bytes) -> bytes:
    return element(ebml.CHAPTERS, element(0x45B9, *atoms))


@case("mkv-100000-chapters", _MANY, bounds=_FEW_BYTES)
def _matroska(lab: Lab) -> bytes:
    step = 10_000  # ns
    return ebml.movie(_edition(*(_atom(n + 1, step * n, step * (n + 1)) for n in range(_COUNT))))


@case("mkv-chapter-in-chapter-5000-deep", "chapters in chapters")
def _nested(lab: Lab) -> bytes:
    return ebml.movie(_edition(element(0xB6, size=ebml.UNKNOWN) * 5000))


@case("mkv-chapters-of-one-number", "chapters that share a number")
def _same(lab: Lab) -> bytes:
    return ebml.movie(_edition(*[_atom(1, 0, 1)] * 50_000))


@case("mkv-chapter-times-nonsense", "a time that cannot be")
def _times(lab: Lab) -> bytes:
    times = [((1 << 64) - 1, 0), (10**9, 0), (1 << 63, 1 << 62), (0, (1 << 64) - 1)]
    return ebml.movie(_edition(*(_atom(n + 1, *pair) for n, pair in enumerate(times))))


@case("mp3-100000-chapters", _MANY, bounds=_FEW_BYTES)
def _id3(lab: Lab) -> bytes:
    frames = [
        id3.frame(b"CHAP", b"c%d\0" % n + struct.pack(">IIII", n, n + 1, 0xFFFFFFFF, 0xFFFFFFFF))
        for n in range(_COUNT)
    ]
    return id3.tag(*frames) + id3.silence(2)


@case("mp3-chapter-in-chapter-1000-deep", "chapters in chapters")
def _id3_nested(lab: Lab) -> bytes:
    content = b""
    for _ in range(1000):
        content = id3.frame(b"CHAP", b"c\0" + bytes(16) + content)
    return id3.tag(content) + id3.silence(1)


@case("mov-255-chapters-at-year-one-million", "a time that cannot be")
def _nero(lab: Lab) -> bytes:
    chapters = [struct.pack(">QB", (1 << 63) + n, 3) + b"abc" for n in range(255)]
    chpl = full(b"chpl", bytes(4), b"\xff", *chapters, version=1)
    return Movie(extra=box(b"udta", chpl)).build()


@case("mov-chapter-track-is-itself", "a cycle")
def _chapter_track(lab: Lab) -> bytes:
    return Movie(media=box(b"tref", box(b"chap", numbers(1, 1, 1)))).build()


@case("ogg-1000-chapters-in-comments", "chapters in tags", bounds=_FEW_BYTES)
def _comments(lab: Lab) -> bytes:
    pairs = []
    for n in range(1000):
        pairs.append(b"CHAPTER%03d=%02d:%02d:%02d.000" % (n, n % 100, 99, 99))
        pairs.append(b"CHAPTER%03dNAME=x" % n)
    return ogg.opus([ogg.SILENCE] * 9, tags=ogg.comments(*pairs))
