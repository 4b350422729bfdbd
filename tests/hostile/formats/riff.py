"""RIFF: WAV and AVI (Microsoft, Multimedia Programming Interface 1.0)."""

import struct

ALL = 0xFFFFFFFF  # "unknown" where a size is expected


def chunk(kind: bytes, *content: bytes, size: int | None = None) -> bytes:
    """A chunk whose header may say another size than it has."""
    body = b"".join(content)
    return (
        kind + struct.pack("<I", len(body) if size is None else size) + body + bytes(len(body) % 2)
    )


def fmt(
    rate: int, channels: int = 1, bits: int = 16, tag: int = 1, align: int | None = None
) -> bytes:
    """WAVEFORMAT for PCM, or for what `tag` says."""
    block = (channels * bits // 8) & 0xFFFF if align is None else align
    byte_rate = rate * block & ALL
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, byte_rate, block, bits))


def wav(
    data: bytes,
    *before: bytes,
    rate: int = 8000,
    channels: int = 1,
    bits: int = 16,
    align: int | None = None,
    tag: int = 1,
    size: int | None = None,
) -> bytes:
    """A WAV file; `before` are chunks ahead of the sound, `size` is what its header claims."""
    form = fmt(rate, channels, bits, tag, align)
    return chunk(b"RIFF", b"WAVE", form, *before, chunk(b"data", data, size=size))


def avi(
    *streams: bytes, frames: int = 1, movi: bytes = b"", tail: bytes = b"", extra: bytes = b""
) -> bytes:
    """An AVI file of `strl` contents; `movi` holds its packets, `tail` its index."""
    main = chunk(
        b"avih", struct.pack("<14I", 40000, 8000, 0, 0x10, frames, 0, len(streams), *[0] * 7)
    )
    lists = [chunk(b"LIST", b"strl", stream) for stream in streams]
    header = chunk(b"LIST", b"hdrl", main, *lists, extra)
    return chunk(b"RIFF", b"AVI ", header, chunk(b"LIST", b"movi", movi), tail)


def sound_stream(rate: int = 8000, scale: int = 1, length: int = 8000, extra: bytes = b"") -> bytes:
    """A stream of 16-bit mono PCM; `length` is in samples."""
    fields = struct.pack("<IHHIIIIIIiI", 0, 0, 0, 0, scale, rate, 0, length, 16000, -1, 2)
    strh = chunk(b"strh", b"auds", b"\0\0\0\0", fields, bytes(8))
    return strh + chunk(b"strf", struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)) + extra
