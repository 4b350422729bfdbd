"""Names, tags and chapters: too many, too long, and of characters that mean something elsewhere."""

import struct
import zlib
from collections.abc import Callable
from functools import partial

from tests.hostile.corpus import Bounds, Lab, add, add_each, case
from tests.hostile.formats import ebml, flac, id3, ogg, riff
from tests.hostile.formats.boxes import Movie, box, full, numbers
from tests.hostile.formats.ebml import element

_MANY = "100,000 tags"
_FEW_BYTES = Bounds(written=1)  # the tags of a song are no megabyte
_ITSELF = Bounds(written=18)  # it is kept, as any tag is
_COUNT = 100_000

TITLES = {
    "newlines": "a\nb\r\nc\u2028d",
    "ffmetadata": "x\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=9\n;FFMETADATA1\ntitle=y\\",
    "shell": "$(touch /tmp/pwned) `id` ; rm -rf ~ | & > < ' \" * ? %s %n {0}",
    "terminal": "\x1b]0;pwned\x07\x1b[2J\x1b[31m\x9b5n",
    "html": "<script>alert(1)</script>&amp;\"'><img src=x onerror=alert(1)>",
    "mail-headers": "a\r\nBcc: victim@example.com\r\n\r\nbody",
    "paths": "../../../../etc/passwd\\..\\..\\x:y|z",
    "options": "-i /etc/passwd -map 0 -y out.mp3",
    "right-to-left": "\u202egpj.3pm\u202c\u2066\u200b\ufeff",
    "of-64-kb": "x" * 65_536,
    "combining": "e" + "\u0301" * 20_000,
}


def _atom(kind: bytes, value: bytes, form: int = 1) -> bytes:
    return box(kind, box(b"data", numbers(form, 0), value))


def _ilst(*atoms: bytes) -> bytes:
    handler = full(b"hdlr", bytes(4), b"mdirappl", bytes(9))
    return box(b"udta", full(b"meta", handler, box(b"ilst", *atoms)))


def _info(*pairs: tuple[bytes, bytes]) -> bytes:
    return riff.chunk(b"LIST", b"INFO", *(riff.chunk(name, value + b"\0") for name, value in pairs))


_TITLED: dict[str, Callable[[bytes], bytes]] = {
    "mp3": lambda title: id3.tag(id3.words(b"TIT2", title)) + id3.silence(1),
    "mov": lambda title: Movie(extra=_ilst(_atom(b"\xa9nam", title))).build(),
    "mkv": lambda title: ebml.movie(ebml.tags(ebml.tag("TITLE", title.decode()))),
    "ogg": lambda title: ogg.opus([ogg.SILENCE] * 9, tags=ogg.comments(b"TITLE=" + title)),
    "wav": lambda title: riff.wav(bytes(16000), _info((b"INAM", title))),
}


def _titled(container: str, title: str, lab: Lab) -> bytes:
    return _TITLED[container](title.encode())


for _container in _TITLED:
    for _name, _title in TITLES.items():
        add(
            f"{_container}-title-{_name}",
            "a title of characters that mean something elsewhere",
            partial(_titled, _container, _title),
            must="mp3",
        )


@case("mp3-100000-tags", _MANY, bounds=_FEW_BYTES)
def _txxx(lab: Lab) -> bytes:
    frames = [id3.words(b"TXXX", b"k%d\0v" % n) for n in range(_COUNT)]
    return id3.tag(*frames) + id3.silence(2)


@case("mkv-100000-tags", _MANY, bounds=_FEW_BYTES)
def _simple_tags(lab: Lab) -> bytes:
    return ebml.movie(ebml.tags(*(ebml.tag(f"K{n}", "v") for n in range(_COUNT))))


@case("mkv-tag-in-tag-5000-deep", "tags in tags")
def _nested_tags(lab: Lab) -> bytes:
    return ebml.movie(
        element(ebml.TAGS, element(0x7373, element(0x67C8, size=ebml.UNKNOWN) * 5000))
    )


@case("mov-100000-tags", _MANY, bounds=_FEW_BYTES)
def _freeform(lab: Lab) -> bytes:
    mean = full(b"mean", b"com.apple.iTunes")
    atoms = [
        box(b"----", mean, full(b"name", b"k%d" % n), box(b"data", numbers(1, 0), b"v"))
        for n in range(_COUNT)
    ]
    return Movie(extra=_ilst(*atoms)).build()


@case("mov-100000-keys", _MANY, bounds=_FEW_BYTES)
def _keys(lab: Lab) -> bytes:
    names = [box(b"mdta", b"key%d" % n) for n in range(_COUNT)]
    values = [_atom(numbers(n + 1), b"v") for n in range(_COUNT)]
    handler = full(b"hdlr", bytes(4), b"mdta", bytes(13))
    keys = full(b"keys", numbers(_COUNT), *names)
    return Movie(extra=box(b"meta", handler, keys, box(b"ilst", *values))).build()


@case("ogg-100000-tags", _MANY, bounds=_FEW_BYTES)
def _comments(lab: Lab) -> bytes:
    pairs = [b"K%d=v" % n for n in range(_COUNT)]
    return ogg.opus([ogg.SILENCE] * 9, tags=ogg.comments(*pairs))


@case("flac-100000-tags", _MANY, bounds=_FEW_BYTES)
def _flac_comments(lab: Lab) -> bytes:
    block = flac.metadata(4 | flac.LAST, ogg.comments(*(b"K%d=v" % n for n in range(_COUNT))))
    return flac.silence(0.01, 8000 * 36, block)


@case("wav-100000-tags", _MANY, bounds=_FEW_BYTES)
def _wav_info(lab: Lab) -> bytes:
    return riff.wav(bytes(16000), _info(*((b"K%03X" % (n % 4096), b"v") for n in range(_COUNT))))


@case("mp3-ape-100000-tags", _MANY, bounds=Bounds(written=2))
def _ape(lab: Lab) -> bytes:
    items = b"".join(struct.pack("<II", 1, 0) + b"k%d\0v" % n for n in range(_COUNT))
    footer = b"APETAGEX" + struct.pack("<IIII8x", 2000, len(items) + 32, _COUNT, 0)
    return id3.silence(2) + items + footer


@case("mp3-tag-of-16-mb", "a tag of 16 MB", bounds=_ITSELF)
def _long_tag(lab: Lab) -> bytes:
    return id3.tag(id3.words(b"COMM", b"engd\0" + b"x" * (16 << 20))) + id3.silence(2)


@case("mov-tag-of-16-mb", "a tag of 16 MB", bounds=_ITSELF)
def _long_atom(lab: Lab) -> bytes:
    return Movie(extra=_ilst(_atom(b"\xa9nam", b"x" * (16 << 20)))).build()


add_each(
    "a tag that lies",
    {
        "mp3-id3-says-256-mb": lambda: id3.tag(size=(1 << 28) - 1),
        "mp3-id3-size-not-syncsafe": lambda: b"ID3\x04\0\0\xff\xff\xff\xff",
        "mp3-id3-utf-16-without-mark": lambda: id3.tag(id3.words(b"TIT2", b"\0a\0b\xd8", 1)),
        "mp3-id3-utf-16-lone-surrogates": lambda: id3.tag(
            id3.words(b"TIT2", b"\xff\xfe" + b"\x00\xd8" * 999, 1)
        ),
        "mp3-id3-encoding-255": lambda: id3.tag(id3.words(b"TIT2", b"abc", 255)),
        "mp3-id3-nul-inside": lambda: id3.tag(id3.words(b"TIT2", b"a\0b\0c")),
        "mp3-id3-not-utf-8": lambda: id3.tag(id3.words(b"TIT2", b"\xff\xfe\xc0\x80\xed\xa0\x80")),
        "mp3-id3-frame-says-256-mb": lambda: id3.tag(
            id3.frame(b"TIT2", b"\3a", size=(1 << 28) - 1)
        ),
        "mp3-id3-extended-header-lies": lambda: id3.tag(b"\x7f\x7f\x7f\x7f", flags=0x40),
        "mp3-id3-version-2-2": lambda: b"ID3\x02\0\0" + id3.syncsafe(9) + b"TT2\xff\xff\xff\0ab",
        "mp3-id3-10000-in-a-row": lambda: id3.tag(id3.words(b"TIT2", b"x")) * 10_000,
        "mp3-id3-unsynchronised": lambda: id3.tag(
            id3.words(b"TIT2", b"\xff\0" * 50_000), flags=0x80
        ),
    },
    wrap=lambda tag: tag + id3.silence(1),
)


@case("mp3-id3-frame-packed-to-a-bomb", "256 MB of text, packed", bounds=_FEW_BYTES)
def _packed_frame(lab: Lab) -> bytes:
    packed = zlib.compress(b"\3" + b"x" * (255 << 20), 9)
    frame = id3.frame(b"TIT2", id3.syncsafe((1 << 28) - 1) + packed, flags=9)
    return id3.tag(frame) + id3.silence(1)
