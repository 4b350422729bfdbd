"""MP4 and QuickTime: the structure of the file, its times, its fragments."""

import struct
import zlib
from functools import partial

from tests.hostile.corpus import Lab, add, add_each, case
from tests.hostile.formats.boxes import Movie, box, counted, full, numbers

_TIME = "a time that cannot be"
_STRUCTURE = "a structure that cannot be"
_ALL = 0xFFFFFFFF


def _edits(*entries: tuple[int, int, int], count: int | None = None) -> bytes:
    listed = [struct.pack(">Iii", *entry) for entry in entries]
    return box(b"edts", counted(b"elst", *listed, count=count))


add_each(
    _TIME,
    {
        "mov-timescale-0": lambda: Movie(timescale=0),
        "mov-timescale-ffffffff": lambda: Movie(timescale=_ALL),
        "mov-timescale-1": lambda: Movie(timescale=1),
        "mov-duration-ffffffff": lambda: Movie(duration=_ALL),
        "mov-duration-0": lambda: Movie(duration=0),
        "mov-edit-negative": lambda: Movie(edits=_edits((1000, -8000, 0x10000))),
        "mov-edit-beyond-the-end": lambda: Movie(edits=_edits((1000, 0x7FFFFFFF, 0x10000))),
        "mov-edit-rate-0": lambda: Movie(edits=_edits((1000, 0, 0))),
        "mov-edit-rate-negative": lambda: Movie(edits=_edits((1000, 0, -0x10000))),
        "mov-edit-empty-for-weeks": lambda: Movie(
            edits=_edits((0x7FFFFFFF, -1, 0x10000), (1000, 0, 0x10000))
        ),
        "mov-edit-4-billion-of-1": lambda: Movie(edits=_edits((1000, 0, 0x10000), count=_ALL)),
        "mov-edit-100000": lambda: Movie(
            edits=_edits(*[(1, n % 8000, 0x10000) for n in range(100_000)])
        ),
        "mov-edit-repeats-100000": lambda: Movie(edits=_edits(*[(1000, 0, 0x10000)] * 100_000)),
    },
    wrap=lambda movie: movie.build(),
)


@case("mov-nested-20000-deep", "boxes in boxes")
def _nested(lab: Lab) -> bytes:
    deep = b"".join(struct.pack(">I", 8 * (20_000 - n) + 8) + b"udta" for n in range(20_001))
    return Movie(extra=deep).build()


@case("mov-traks-nested-2000-deep", "boxes in boxes")
def _nested_traks(lab: Lab) -> bytes:
    deep = b"".join(struct.pack(">I", 8 * (2000 - n) + 8) + b"trak" for n in range(2001))
    return Movie(extra=deep).build()


def _with_box(size: int, lab: Lab) -> bytes:
    return Movie(extra=box(b"udta", bytes(8), size=size)).build()


for _size in (0, 1, 7, 0x7FFFFFFF, _ALL):
    add(
        f"mov-box-says-{_size}",
        _STRUCTURE,
        partial(_with_box, _size),
    )


@case("mp4-large-size-2-to-the-63", _STRUCTURE)
def _large_size(lab: Lab) -> bytes:
    head = box(b"ftyp", b"isom", numbers(0), b"isom")
    return head + numbers(1) + b"mdat" + struct.pack(">Q", (1 << 63) + 1) + Movie().build()


@case("mp4-only-ftyp", _STRUCTURE)
def _only_ftyp(lab: Lab) -> bytes:
    return box(b"ftyp", b"isom", numbers(0), b"isom")


@case("mp4-100000-ftyp", "the same part again and again")
def _many_ftyp(lab: Lab) -> bytes:
    return box(b"ftyp", b"isom", numbers(0), b"isom") * 100_000 + Movie(brand=b"isom").build()


@case("mp4-1000-moov", "the same part again and again")
def _many_moov(lab: Lab) -> bytes:
    movie = Movie()
    return movie.build() + movie.moov(counted(b"stco", numbers(28))) * 1000


@case("mov-index-packed-to-a-bomb", "2 GB of zeros, packed")
def _cmov(lab: Lab) -> bytes:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()
    packed_index = box(b"cmvd", numbers(0x7FFFFFFF), packed)
    index = box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), packed_index))
    return box(b"ftyp", b"qt  ", numbers(0), b"qt  ") + index


@case("mov-index-packed-in-itself", "an index whose packed form holds a packed one, 50 deep")
def _cmov_nested(lab: Lab) -> bytes:
    index = Movie().moov(counted(b"stco", numbers(28)))
    for _ in range(50):
        packed = box(b"cmvd", numbers(len(index)), zlib.compress(index))
        index = box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), packed))
    return box(b"ftyp", b"qt  ", numbers(0), b"qt  ") + box(b"mdat", bytes(16000)) + index


def _fragmented(*fragments: bytes) -> bytes:
    movie = Movie(
        brand=b"iso5",
        stts=counted(b"stts"),
        stsc=counted(b"stsc"),
        stsz=full(b"stsz", numbers(0, 0)),
        extra=box(b"mvex", full(b"trex", numbers(1, 1, 1, 2, 0))),
    )
    index = movie.moov(counted(b"stco"))
    return box(b"ftyp", b"iso5", numbers(0), b"iso5") + index + b"".join(fragments)


def _fragment(number: int, *runs: bytes) -> bytes:
    header = full(b"tfhd", numbers(1), flags=0x20000)
    mfhd = full(b"mfhd", numbers(number))
    return box(b"moof", mfhd, box(b"traf", header, *runs))


@case("mp4-100000-empty-fragments", "a file of many small parts")
def _empty_fragments(lab: Lab) -> bytes:
    return _fragmented(*map(_fragment, range(100_000)))


@case("mp4-fragment-of-4-billion-samples", _STRUCTURE)
def _huge_run(lab: Lab) -> bytes:
    return _fragmented(_fragment(1, full(b"trun", numbers(_ALL))), box(b"mdat", bytes(1000)))


@case("mp4-fragments-of-1000000-samples", "a table that grows in memory")
def _growing_runs(lab: Lab) -> bytes:
    run = full(b"trun", numbers(1_000_000))  # of the default size: the table is not in the file
    return _fragmented(*(_fragment(number, run) for number in range(2000)))


@case("mp4-decode-time-2-to-the-63", _TIME)
def _decode_time(lab: Lab) -> bytes:
    time = full(b"tfdt", struct.pack(">Q", (1 << 63) - 1), version=1)
    run = full(b"trun", numbers(100, 8), flags=1)
    return _fragmented(_fragment(1, time, run), box(b"mdat", bytes(200)))


@case("mp4-index-of-segments-refers-to-itself", _STRUCTURE)
def _sidx(lab: Lab) -> bytes:
    entry = numbers(1 << 31, 8000, 1 << 31)  # each names another index, at no distance
    head = numbers(1, 8000, 0, 0) + struct.pack(">HH", 0, 65535)
    return _fragmented(full(b"sidx", head, entry * 65535), _fragment(1))
