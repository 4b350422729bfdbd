"""Ogg: wrong checksums, chains of streams, packets without end, times that jump."""

import struct

from tests.hostile.corpus import Bounds, Lab, add_each, case
from tests.hostile.formats import flac, ogg

_TIME = "a time that cannot be"
_SECOND = [ogg.SILENCE] * 9
_TONE = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1")


@case("ogg-checksums-wrong", "pages whose checksum is wrong")
def _checksums(lab: Lab) -> bytes:
    whole = lab.ffmpeg("tone.ogg", *_TONE, "-c:a", "libvorbis")
    pages = whole.split(b"OggS")[1:]
    return b"".join(b"OggS" + page[:18] + b"\0\0\0\0" + page[22:] for page in pages)


@case("ogg-chain-of-10000-opus", "streams one after the other")
def _chain(lab: Lab) -> bytes:
    heads = [ogg.opus_head(channels) for channels in (1, 2)]
    return b"".join(ogg.opus(_SECOND, serial=n + 1, head=heads[n % 2]) for n in range(10_000))


@case("ogg-chain-of-other-rates", "streams one after the other, each of another form")
def _chain_of_rates(lab: Lab) -> bytes:
    rates = [8000, 11025, 16000, 22050, 32000, 44100, 48000]
    links = []
    for number, rate in enumerate(rates):
        tone = ("-f", "lavfi", "-i", f"sine=duration=1:sample_rate={rate}")
        form = ("-ac", str(number % 2 + 1), "-c:a", "libvorbis", "-serial_offset", str(number))
        links.append(lab.ffmpeg(f"{rate}.ogg", *tone, *form))
    return b"".join(links) * 20


@case("ogg-2000-streams-at-once", "more streams than anybody has")
def _streams(lab: Lab) -> bytes:
    heads = [ogg.page([ogg.opus_head()], n, flags=ogg.FIRST) for n in range(2, 2002)]
    return b"".join(heads) + ogg.opus(_SECOND)


@case("ogg-packet-without-end", "a packet of 16 MB")
def _endless(lab: Lab) -> bytes:
    whole = ogg.opus(_SECOND)
    return whole + ogg.long_packet(bytes(16 << 20), number=3)


@case("ogg-header-without-end", "a header of 16 MB", bounds=Bounds(written=18))
def _endless_header(lab: Lab) -> bytes:
    return ogg.opus(_SECOND, tags=ogg.comments(b"TITLE=" + b"x" * (16 << 20)))


def _granules(*granules: int) -> bytes:
    pages = [
        ogg.page([ogg.opus_head()], flags=ogg.FIRST),
        ogg.page([b"OpusTags" + ogg.comments()], number=1),
    ]
    for number, granule in enumerate(granules):
        pages.append(ogg.page(_SECOND, number=2 + number, granule=granule))
    return b"".join(pages)


add_each(
    _TIME,
    {
        "ogg-granule-2-to-the-63": lambda: [51840, (1 << 63) - 1],
        "ogg-granule-negative": lambda: [-(1 << 63), -2, -1],
        "ogg-granules-backwards": lambda: list(range(5_184_000, 0, -51840)),
        "ogg-granules-all-0": lambda: [0] * 500,
        "ogg-granule-jumps-a-year": lambda: [51840, 48000 * 86400 * 365],
    },
    wrap=lambda times: _granules(*times),
)

add_each(
    "a form of sound that cannot be",
    {
        "opus-255-channels": lambda: ogg.opus_head(
            255, family=255, table=b"\xff\0" + bytes(range(255))
        ),
        "opus-0-channels": lambda: ogg.opus_head(0),
        "opus-skips-all": lambda: ogg.opus_head(1, skip=65535),
        "opus-mapping-lies": lambda: ogg.opus_head(8, family=1, table=b"\x01\x01" + b"\xc8" * 8),
        "opus-version-255": lambda: b"OpusHead\xff" + bytes(10),
    },
    wrap=lambda head: ogg.opus(_SECOND, head=head),
)


@case("ogg-flac-100h-says-1s", "a header that lies about the length")
def _flac(lab: Lab) -> bytes:
    native = flac.silence(100, 8000)
    info, frames = native[4:42], native[42:]
    head = b"\x7fFLAC\x01\x00" + struct.pack(">H", 1) + b"fLaC" + b"\0" + info[1:]
    comment = flac.metadata(4 | flac.LAST, ogg.comments())
    pages = [ogg.page([head], flags=ogg.FIRST), ogg.page([comment], number=1)]
    packets = [b"\xff\xf8" + rest for rest in frames.split(b"\xff\xf8")[1:]]
    for start in range(0, len(packets), 200):
        part = packets[start : start + 200]
        pages.append(ogg.page(part, number=len(pages), granule=(start + len(part)) * flac.BLOCK))
    return b"".join(pages)


@case("ogg-comments-say-4-billion", "a count that cannot be")
def _count(lab: Lab) -> bytes:
    return ogg.opus(_SECOND, tags=ogg.comments(b"TITLE=x", count=0xFFFFFFFF))


@case("ogg-pages-of-nothing", "200,000 empty pages")
def _nothing(lab: Lab) -> bytes:
    return ogg.opus(_SECOND) + ogg.page([], number=3) * 200_000


@case("ogg-theora-of-nonsense", "a picture nobody asked for beside sound")
def _theora(lab: Lab) -> bytes:
    head = b"\x80theora\x03\x02\x01" + b"\xff" * 32
    return ogg.page([head], 99, flags=ogg.FIRST) + ogg.opus(_SECOND)


@case("ogg-skeleton-and-cmml", "streams that describe streams")
def _skeleton(lab: Lab) -> bytes:
    head = b"fishead\0" + b"\xff" * 72
    return ogg.page([head], 98, flags=ogg.FIRST) + ogg.opus(_SECOND)
