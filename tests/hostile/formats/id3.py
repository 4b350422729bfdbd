"""ID3v2 tags before MPEG audio (id3.org, version 2.3.0 and 2.4.0)."""

import struct


def syncsafe(number: int) -> bytes:
    """28 bits in four bytes."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def frame(kind: bytes, content: bytes, flags: int = 0, size: int | None = None) -> bytes:
    """A frame of version 2.4."""
    return (
        kind + syncsafe(len(content) if size is None else size) + struct.pack(">H", flags) + content
    )


def tag(*frames: bytes, size: int | None = None, flags: int = 0, version: int = 4) -> bytes:
    """A tag; its header may say another size than it has."""
    body = b"".join(frames)
    length = syncsafe(len(body) if size is None else size)
    return b"ID3" + bytes([version, 0, flags]) + length + body


def words(kind: bytes, value: bytes, encoding: int = 3) -> bytes:
    """A frame of text: 0 Latin-1, 1 UTF-16, 2 UTF-16BE, 3 UTF-8."""
    return frame(kind, bytes([encoding]) + value)


def picture(content: bytes, kind: bytes = b"image/png") -> bytes:
    """An attached picture."""
    return frame(b"APIC", b"\0" + kind + b"\0\x03\0" + content)


# MPEG-1 layer III, 32 kbit/s, 44.1 kHz, mono, no sound: 26 ms in 104 bytes.
SILENT = b"\xff\xfb\x10\xc0" + bytes(100)


def silence(seconds: float) -> bytes:
    """Frames of no sound."""
    return SILENT * round(seconds * 44100 / 1152)
