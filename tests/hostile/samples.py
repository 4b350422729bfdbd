"""MP4 and QuickTime: the tables of samples, and what the samples are said to be."""

import struct

from tests.hostile.corpus import Lab, add_each, case
from tests.hostile.formats.boxes import Movie, box, counted, described, full, numbers

_TABLE = "a table of samples that cannot be"
_FORM = "a form of sound that cannot be"
_ALL = 0xFFFFFFFF

add_each(
    _TABLE,
    {
        "mov-stts-4-billion-entries": lambda: Movie(
            stts=counted(b"stts", numbers(8000, 1), count=_ALL)
        ),
        "mov-stts-4-billion-samples": lambda: Movie(stts=counted(b"stts", numbers(_ALL, _ALL))),
        "mov-stts-duration-0": lambda: Movie(stts=counted(b"stts", numbers(8000, 0))),
        "mov-stts-duration-negative": lambda: Movie(stts=counted(b"stts", numbers(8000, _ALL))),
        "mov-stts-100000-entries": lambda: Movie(stts=counted(b"stts", *[numbers(1, 1)] * 100_000)),
        "mov-stts-missing": lambda: Movie(stts=b""),
        "mov-stsz-4-billion": lambda: Movie(stsz=full(b"stsz", numbers(2, _ALL))),
        "mov-stsz-4-billion-of-0": lambda: Movie(stsz=full(b"stsz", numbers(0, _ALL))),
        "mov-sample-of-2gb": lambda: Movie(stsz=full(b"stsz", numbers(0x7FFFFFFF, 1))),
        "mov-samples-of-2gb": lambda: Movie(stsz=full(b"stsz", numbers(0, 9, *[1 << 31] * 9))),
        "mov-sample-of-0": lambda: Movie(stsz=full(b"stsz", numbers(0, 8000, *[0] * 8000))),
        "mov-stsc-0": lambda: Movie(stsc=counted(b"stsc", numbers(0, 0, 0))),
        "mov-stsc-4-billion": lambda: Movie(stsc=counted(b"stsc", numbers(1, _ALL, 1))),
        "mov-stsc-backwards": lambda: Movie(
            stsc=counted(b"stsc", *(numbers(n, 1, 1) for n in (9, 5, 1)))
        ),
        "mov-stsc-missing": lambda: Movie(stsc=b""),
        "mov-stco-beyond-the-end": lambda: Movie(stco=counted(b"stco", numbers(_ALL))),
        "mov-co64-beyond-the-end": lambda: Movie(stco=counted(b"co64", struct.pack(">Q", 1 << 62))),
        "mov-co64-negative": lambda: Movie(stco=counted(b"co64", struct.pack(">q", -1))),
        "mov-stco-4-billion-of-1": lambda: Movie(stco=counted(b"stco", numbers(28), count=_ALL)),
        "mov-stsd-empty": lambda: Movie(stsd=counted(b"stsd")),
        "mov-stsd-4-billion-of-0": lambda: Movie(stsd=counted(b"stsd", count=_ALL)),
        "mov-stsd-1000-forms": lambda: Movie(stsd=counted(b"stsd", *[described()[16:]] * 1000)),
    },
    wrap=lambda movie: movie.build(),
)

add_each(
    _FORM,
    {
        "mov-channels-0": lambda: described(channels=0),
        "mov-channels-65535": lambda: described(channels=65535),
        "mov-rate-0": lambda: described(rate=0),
        "mov-codec-unknown": lambda: described(kind=b"zzzz"),
        "mov-codec-of-zeros": lambda: described(kind=bytes(4)),
        "mov-aac-without-setup": lambda: described(kind=b"mp4a"),
        "mov-alac-with-nonsense-setup": lambda: described(
            kind=b"alac", extra=box(b"alac", b"\xff" * 28)
        ),
        "mov-encrypted": lambda: described(kind=b"enca"),
        "mov-wave-nested-1000-deep": lambda: described(
            extra=_ALL.to_bytes(4, "big") + b"wave" * 2000
        ),
    },
    wrap=lambda stsd: Movie(stsd=stsd).build(),
)


def _version2(rate: float, channels: int = 1, bits: int = 16, frames: int = 1) -> bytes:
    head = struct.pack(">6xHHHIHHhHI", 1, 2, 0, 0, 3, 16, -2, 0, 0x10000)
    form = struct.pack(">IdIIIIII", 72, rate, channels, 0x7F000000, bits, 12, 2, frames)
    return counted(b"stsd", box(b"lpcm", head, form))


add_each(
    _FORM,
    {
        "mov-v2-rate-nan": lambda: _version2(float("nan")),
        "mov-v2-rate-infinite": lambda: _version2(float("inf")),
        "mov-v2-rate-negative": lambda: _version2(-8000.0),
        "mov-v2-channels-4-billion": lambda: _version2(8000.0, channels=_ALL),
        "mov-v2-bits-4-billion": lambda: _version2(8000.0, bits=_ALL),
        "mov-v2-frames-0": lambda: _version2(8000.0, frames=0),
    },
    wrap=lambda stsd: Movie(stsd=stsd).build(),
)


@case("mov-esds-of-many-descriptors", "descriptors in descriptors")
def _esds(lab: Lab) -> bytes:
    deep = b"\x03\x80\x80\x80\x7f\0\1\0" * 20_000
    return Movie(stsd=described(kind=b"mp4a", extra=full(b"esds", deep))).build()


@case("mov-interleaved-one-sample-a-chunk", "an index larger than its sound")
def _one_a_chunk(lab: Lab) -> bytes:
    places = counted(b"stco", *[numbers(28)] * 200_000)
    one = counted(b"stsc", numbers(1, 1, 1))
    sizes = full(b"stsz", numbers(2, 200_000))
    times = counted(b"stts", numbers(200_000, 1))
    return Movie(stco=places, stsc=one, stsz=sizes, stts=times).build()


@case("mov-same-bytes-for-an-hour", "one second of bytes that the index plays for hours")
def _same_bytes(lab: Lab) -> bytes:
    places = counted(b"stco", *[numbers(28)] * 36_000)
    times = counted(b"stts", numbers(36_000 * 8000, 1))
    sizes = full(b"stsz", numbers(2, 36_000 * 8000))
    return Movie(stco=places, stts=times, stsz=sizes).build()
