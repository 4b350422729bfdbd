"""AVI, MPEG-TS and -PS, FLV, ASF and MXF: indexes, tables and packets that cannot be."""

import struct

from tests.hostile.corpus import Lab, add_each, case
from tests.hostile.formats import riff
from tests.hostile.formats.riff import ALL, chunk

_INDEX = "an index that cannot be"
_TIME = "a time that cannot be"
_STRUCTURE = "a structure that cannot be"
_SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1")
_MOVI = chunk(b"00wb", bytes(16000))


@case("avi-index-lies", _INDEX)
def _index(lab: Lab) -> bytes:
    entry = b"00wb" + struct.pack("<III", 0x10, 0xFFFFFF00, ALL)
    return riff.avi(riff.sound_stream(), movi=_MOVI, tail=chunk(b"idx1", entry * 10_000))


@case("avi-index-of-indexes-is-a-cycle", "a cycle")
def _cyclic(lab: Lab) -> bytes:
    whole = riff.avi(riff.sound_stream(extra=_super_index(0)), movi=_MOVI)
    place = whole.index(b"indx")
    return riff.avi(riff.sound_stream(extra=_super_index(place)), movi=_MOVI)


def _super_index(place: int) -> bytes:
    entries = struct.pack("<QII", place, 0, 8000) * 1000
    return chunk(b"indx", struct.pack("<HBBI4s12x", 4, 0, 0, 1000, b"00wb") + entries)


add_each(
    _TIME,
    {
        "avi-rate-0": lambda: riff.sound_stream(rate=0),
        "avi-scale-0": lambda: riff.sound_stream(scale=0),
        "avi-scale-ffffffff": lambda: riff.sound_stream(scale=ALL, rate=1),
        "avi-length-ffffffff": lambda: riff.sound_stream(length=ALL),
    },
    wrap=lambda stream: riff.avi(stream, movi=_MOVI),
)


@case("avi-lists-in-lists-10000-deep", "lists in lists")
def _lists(lab: Lab) -> bytes:
    deep = b"".join(b"LIST" + struct.pack("<I", 12 * n + 4) + b"hdrl" for n in range(10_000, 0, -1))
    return riff.avi(riff.sound_stream(), movi=_MOVI, extra=deep)


@case("avi-100000-empty-packets", "packets without content")
def _empty(lab: Lab) -> bytes:
    return riff.avi(riff.sound_stream(), movi=chunk(b"00wb") * 100_000 + _MOVI)


def _ts(pid: int, payload: bytes, start: bool = True) -> bytes:
    head = b"\x47" + struct.pack(">H", (0x4000 if start else 0) | pid) + b"\x10"
    return (head + payload).ljust(188, b"\xff")


def _section(content: bytes) -> bytes:
    """A table with its checksum (ISO/IEC 13818-1, annex A)."""
    value = ALL
    for byte in content:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value >> 31 else 0)) & ALL
    return b"\0" + content + struct.pack(">I", value)


def _pat(programs: list[tuple[int, int]]) -> bytes:
    listed = b"".join(struct.pack(">HH", number, 0xE000 | pid) for number, pid in programs)
    return _section(b"\0" + struct.pack(">HHBBB", 0xB000 | len(listed) + 9, 1, 0xC1, 0, 0) + listed)


def _pmt(program: int, streams: list[tuple[int, int]]) -> bytes:
    listed = b"".join(struct.pack(">BHH", kind, 0xE000 | pid, 0xF000) for kind, pid in streams)
    head = struct.pack(">HHBBBHH", 0xB000 | len(listed) + 13, program, 0xC1, 0, 0, 0xFFFF, 0xF000)
    return _section(b"\2" + head + listed)


@case("ts-1200-programs-of-30-streams", "more streams than anybody has")
def _programs(lab: Lab) -> bytes:
    packets = []
    for number in range(1, 1201):
        packets.append(_ts(0, _pat([(number, 32 + number)])))
        streams = [(0x0F, 2000 + number * 5 + n) for n in range(30)]
        packets.append(_ts(32 + number, _pmt(number, streams)))
    return b"".join(packets)


@case("ts-map-changes-each-packet", "a table that changes all the time")
def _changing(lab: Lab) -> bytes:
    whole = lab.ffmpeg("tone.ts", *_SOUND, "-c:a", "aac")
    tables = [_ts(0, _pat([(1, 100 + n % 7000)])) for n in range(5000)]
    return b"".join(tables) + whole


@case("ts-pcr-jumps", _TIME)
def _pcr(lab: Lab) -> bytes:
    whole = lab.ffmpeg("tone.ts", *_SOUND, "-c:a", "aac")
    late = lab.ffmpeg("late.ts", *_SOUND, "-c:a", "aac", "-output_ts_offset", "90000")
    return (whole + late) * 20


@case("ts-without-sound", "packets of nothing")
def _null(lab: Lab) -> bytes:
    return _ts(0x1FFF, b"") * 20_000


@case("ps-stuffing-without-end", "packets of nothing")
def _stuffing(lab: Lab) -> bytes:
    pack = b"\0\0\1\xba\x44\0\4\0\4\1\0\0\3\xf8"
    return pack + (b"\0\0\1\xbe" + struct.pack(">H", 2000) + b"\xff" * 2000) * 2000


@case("ps-100000-system-headers", "the same part again and again")
def _headers(lab: Lab) -> bytes:
    whole = lab.ffmpeg("tone.mpg", *_SOUND, "-c:a", "mp2")
    return b"\0\0\1\xbb\0\x06\x80\0\1\4\xe1\x7f" * 100_000 + whole


def _flv(*tags: bytes) -> bytes:
    return b"FLV\1\4\0\0\0\x09\0\0\0\0" + b"".join(tags)


def _flv_tag(kind: int, content: bytes, time: int = 0, size: int | None = None) -> bytes:
    length = struct.pack(">I", len(content) if size is None else size)[1:]
    stamp = struct.pack(">I", time & ALL)
    head = bytes([kind]) + length + stamp[1:] + stamp[:1] + b"\0\0\0"
    return head + content + struct.pack(">I", len(head) + len(content))


_FLV_SOUND = [_flv_tag(8, b"\x3e" + bytes(882), 20 * n) for n in range(50)]  # PCM, 44.1 kHz


add_each(
    _STRUCTURE,
    {
        "flv-script-nested-10000-deep": lambda: [
            _flv_tag(18, b"\2\0\nonMetaData" + b"\3\0\1a" * 10_000)
        ],
        "flv-script-array-4-billion": lambda: [
            _flv_tag(18, b"\2\0\nonMetaData\x0a\xff\xff\xff\xff")
        ],
        "flv-keyframes-4-billion": lambda: [
            _flv_tag(18, b"\2\0\nonMetaData\3\0\tkeyframes\3\0\5times\x0a" + b"\xff" * 4)
        ],
        "flv-100000-empty-tags": lambda: [_flv_tag(8, b"")] * 100_000,
        "flv-tag-says-16-mb": lambda: [_flv_tag(8, b"\x3e", size=0xFFFFFF)],
        "flv-times-jump": lambda: [
            _flv_tag(8, b"\x3e" + bytes(88), n * 0x11111111) for n in range(500)
        ],
    },
    wrap=lambda tags: _flv(*tags, *_FLV_SOUND),
)
