"""Matroska and WebM: sizes without end, cycles, lacing, packed packets, nonsense numbers."""

import struct
import zlib

from tests.hostile.corpus import Bounds, Lab, add_each, case
from tests.hostile.formats import ebml
from tests.hostile.formats.ebml import UNKNOWN, block, cluster, element, info, movie, number, track

_TIME = "a time that cannot be"
_STRUCTURE = "a structure that cannot be"
_FORM = "a form of sound that cannot be"


def _tracks(*tracks: bytes) -> bytes:
    return element(ebml.TRACKS, *tracks)


add_each(
    _TIME,
    {
        "mkv-duration-nan": lambda: movie(about=info(float("nan"))),
        "mkv-duration-infinite": lambda: movie(about=info(float("inf"))),
        "mkv-duration-negative": lambda: movie(about=info(-1000.0)),
        "mkv-duration-1e300": lambda: movie(about=info(1e300)),
        "mkv-duration-1e18-ms": lambda: movie(about=info(1e18)),
        "mkv-duration-tag-nonsense": lambda: movie(
            ebml.tags(ebml.tag("DURATION", "99999999:99:99.9"))
        ),
        "mkv-scale-0": lambda: movie(about=info(1000.0, 0)),
        "mkv-scale-2-to-the-63": lambda: movie(about=info(1000.0, 1 << 63)),
        "mkv-cluster-time-2-to-the-63": lambda: movie(
            sound=cluster(block(bytes(1600)), time=(1 << 63) - 1)
        ),
        "mkv-cluster-time-negative": lambda: movie(
            sound=cluster(block(bytes(1600)), time=(1 << 64) - 900)
        ),
        "mkv-block-times-negative": lambda: movie(sound=cluster(block(bytes(1600), time=-30000))),
        "mkv-gap-of-centuries": lambda: movie(
            sound=ebml.second() + cluster(block(bytes(1600)), time=10**13)
        ),
        "mkv-times-backwards": lambda: movie(
            sound=b"".join(cluster(block(bytes(160)), time=n) for n in range(5000, 0, -1))
        ),
    },
)

add_each(
    _FORM,
    {
        "mkv-rate-0": lambda: track(rate=0.0),
        "mkv-rate-nan": lambda: track(rate=float("nan")),
        "mkv-rate-1e30": lambda: track(rate=1e30),
        "mkv-rate-negative": lambda: track(rate=-8000.0),
        "mkv-channels-4-billion": lambda: track(channels=0xFFFFFFFF),
        "mkv-codec-unknown": lambda: track(codec="A_" + "X" * 10_000),
        "mkv-codec-setup-of-16-mb": lambda: track(
            1, element(0x63A2, bytes(16 << 20)), codec="A_FLAC"
        ),
        "mkv-opus-without-setup": lambda: track(codec="A_OPUS"),
        "mkv-vorbis-setup-lies": lambda: track(
            1, element(0x63A2, b"\x02" + b"\xff" * 400), codec="A_VORBIS"
        ),
        "mkv-track-number-0": lambda: track(0),
        "mkv-acm-of-nonsense": lambda: track(1, element(0x63A2, b"\xff" * 40), codec="A_MS/ACM"),
        "mkv-real-of-nonsense": lambda: track(
            1, element(0x63A2, b"\xff" * 78), codec="A_REAL/COOK"
        ),
    },
    wrap=lambda form: movie(tracks=_tracks(form)),
)


@case("mkv-segment-without-end", _STRUCTURE, must="mp3")
def _endless(lab: Lab) -> bytes:
    return movie(size=UNKNOWN)


@case("mkv-clusters-without-end", _STRUCTURE)
def _endless_clusters(lab: Lab) -> bytes:
    sound = [cluster(block(bytes(160), time=0), time=10 * n, size=UNKNOWN) for n in range(5000)]
    return movie(sound=b"".join(sound), size=UNKNOWN)


@case("mkv-segment-in-segment-10000-deep", "elements in elements")
def _nested(lab: Lab) -> bytes:
    return ebml.HEADER + element(ebml.SEGMENT, size=UNKNOWN) * 10_000 + movie()


@case("mkv-header-says-2-to-the-56", _STRUCTURE)
def _header_size(lab: Lab) -> bytes:
    return b"\x1a\x45\xdf\xa3" + struct.pack(">Q", 1 << 56 | UNKNOWN - 1) + movie()


@case("mkv-void-says-2-to-the-55", _STRUCTURE)
def _void(lab: Lab) -> bytes:
    return movie(element(0xEC, size=1 << 55))


@case("mkv-name-of-an-element-too-long", _STRUCTURE)
def _name_length(lab: Lab) -> bytes:
    return ebml.HEADER.replace(b"\x42\x82", b"\x42\xf2") + movie()[len(ebml.HEADER) :]


def _seek(target: int, position: int) -> bytes:
    return element(0x4DBB, element(0x53AB, target.to_bytes(4, "big")), number(0x53AC, position))


@case("mkv-seek-head-points-to-itself", "a cycle")
def _cycle(lab: Lab) -> bytes:
    return movie(about=element(ebml.SEEK_HEAD, _seek(ebml.SEEK_HEAD, 0)) + info())


@case("mkv-seek-head-100000-times", "a cycle")
def _cycles(lab: Lab) -> bytes:
    return movie(about=element(ebml.SEEK_HEAD, _seek(ebml.SEEK_HEAD, 0) * 100_000) + info())


@case("mkv-cues-100000-beyond-the-end", "an index that points nowhere")
def _cues(lab: Lab) -> bytes:
    place = element(0xB7, number(0xF7, 1), number(0xF1, 1 << 62))
    points = [element(0xBB, number(0xB3, n), place) for n in range(100_000)]
    return movie(element(ebml.CUES, *points))


@case("mkv-cue-in-cue-5000-deep", "elements in elements")
def _deep_cues(lab: Lab) -> bytes:
    return movie(element(ebml.CUES, element(0xBB, size=UNKNOWN) * 5000))


def _packed(content: bytes, algorithm: int = 0) -> bytes:
    compression = element(0x5034, number(0x4254, algorithm), element(0x4255, content))
    return element(0x6D80, element(0x6240, compression))


@case("mkv-packet-packed-to-a-bomb", "300 MB of zeros, packed in one packet")
def _zlib_bomb(lab: Lab) -> bytes:
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
    return movie(tracks=_tracks(track(1, _packed(b""))), sound=cluster(block(bomb)))


@case("mkv-packets-packed-1000-to-1", "hours of zeros, packed")
def _zlib_hours(lab: Lab) -> bytes:
    second = zlib.compress(bytes(16_000 * 60), 9)
    blocks = [cluster(block(second), time=60_000 * n) for n in range(600)]
    return movie(tracks=_tracks(track(1, _packed(b""))), sound=b"".join(blocks))


@case("mkv-setup-packed-to-a-bomb", "300 MB of zeros, packed in a decoder's setup")
def _setup_bomb(lab: Lab) -> bytes:
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
    scope = element(0x6D80, element(0x6240, number(0x5032, 2), element(0x5034, number(0x4254, 0))))
    return movie(tracks=_tracks(track(1, element(0x63A2, bomb), scope, codec="A_FLAC")))


@case(
    "mkv-stripped-header-of-1-mb",
    "a megabyte put ahead of each packet",
    bounds=Bounds(cpu=20, written=25),  # ten minutes of noise, as much as is allowed
)
def _stripped(lab: Lab) -> bytes:
    blocks = [block(b"\0\0", time=n) for n in range(2000)]
    return movie(tracks=_tracks(track(1, _packed(bytes(1 << 20), 3))), sound=cluster(*blocks))


@case("mkv-lacing-of-empty-frames", "255 frames of no byte in each block")
def _lacing(lab: Lab) -> bytes:
    laced = bytes([255]) + b"\x80" + b"\xbf" * 254  # EBML lacing: size 0, then no difference
    return movie(sound=cluster(*(block(laced, flags=0x86, time=n) for n in range(5000))))


@case("mkv-lacing-lies", "sizes of laced frames beyond their block")
def _lacing_lies(lab: Lab) -> bytes:
    laced = [bytes([255]) + b"\xff" * 300, bytes([9]) + b"\x01" + b"\xff" * 7, b"\xff", b""]
    return movie(
        sound=cluster(*(block(each, flags=f) for each in laced for f in (0x82, 0x84, 0x86)))
    )


@case("mkv-100000-block-groups-empty", "a file of many small parts")
def _groups(lab: Lab) -> bytes:
    return movie(sound=cluster(element(0xA0) * 100_000) + ebml.second())
