"""Matroska (RFC 9559) in EBML (RFC 8794)."""

import struct

UNKNOWN = (1 << 56) - 1  # the size of a master element whose end is not known
SEGMENT, INFO, TRACKS, CLUSTER, TAGS = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675, 0x1254C367
CHAPTERS, ATTACHMENTS, CUES, SEEK_HEAD = 0x1043A770, 0x1941A469, 0x1C53BB6B, 0x114D9B74
TRACK = 0xAE
HEADER = b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska"


def element(number: int, *content: bytes, size: int | None = None) -> bytes:
    """An element whose header may say another size than it has."""
    body = b"".join(content)
    name = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return name + struct.pack(">Q", 1 << 56 | (len(body) if size is None else size)) + body


def number(name: int, value: int) -> bytes:
    """An unsigned integer."""
    return element(name, value.to_bytes(8, "big"))


def real(name: int, value: float) -> bytes:
    """A float of 8 bytes."""
    return element(name, struct.pack(">d", value))


def text(name: int, value: str) -> bytes:
    """A string."""
    return element(name, value.encode())


def track(
    index: int = 1,
    *extra: bytes,
    codec: str = "A_PCM/INT/LIT",
    rate: float = 8000,
    channels: int = 1,
) -> bytes:
    """An audio track of 16-bit PCM, if `codec` does not say else."""
    audio = element(0xE1, real(0xB5, rate), number(0x9F, channels), number(0x6264, 16))
    kind = [number(0xD7, index), number(0x73C5, index), number(0x83, 2), text(0x86, codec), audio]
    return element(TRACK, *kind, *extra)


def block(content: bytes, index: int = 1, time: int = 0, flags: int = 0x80) -> bytes:
    """A SimpleBlock; `time` is relative to its cluster's, in ms."""
    return element(0xA3, bytes([0x80 | index]) + struct.pack(">hB", time, flags), content)


def cluster(*blocks: bytes, time: int = 0, size: int | None = None) -> bytes:
    """Blocks from `time` on, in ms."""
    return element(CLUSTER, number(0xE7, time), *blocks, size=size)


def second() -> bytes:
    """A cluster with one second of silence at 8 kHz."""
    return cluster(*(block(bytes(1600), time=100 * part) for part in range(10)))


def info(duration: float | None = None, scale: int = 1_000_000, *extra: bytes) -> bytes:
    """Segment information; `duration` is in ms."""
    length = [] if duration is None else [real(0x4489, duration)]
    return element(INFO, number(0x2AD7B1, scale), *length, *extra)


def movie(
    *extra: bytes,
    about: bytes | None = None,
    tracks: bytes | None = None,
    sound: bytes | None = None,
    size: int | None = None,
) -> bytes:
    """A whole file of one second, `extra` elements ahead of the sound."""
    parts = [
        info() if about is None else about,
        element(TRACKS, track()) if tracks is None else tracks,
        *extra,
        second() if sound is None else sound,
    ]
    return HEADER + element(SEGMENT, *parts, size=size)


def tag(name: str, value: str, *nested: bytes) -> bytes:
    """A SimpleTag."""
    return element(0x67C8, text(0x45A3, name), text(0x4487, value), *nested)


def tags(*simple: bytes) -> bytes:
    """SimpleTags of the whole file."""
    return element(TAGS, element(0x7373, element(0x63C0), *simple))


def attachment(name: str, kind: str, content: bytes, uid: int = 1) -> bytes:
    """An attached file."""
    return element(
        0x61A7,
        text(0x466E, name),
        text(0x4660, kind),
        element(0x465C, content),
        number(0x46AE, uid),
    )
