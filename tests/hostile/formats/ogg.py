"""Ogg pages (RFC 3533), with Opus (RFC 7845) and FLAC inside."""

import struct
from collections.abc import Sequence
from functools import cache

FIRST, LAST, CONTINUED = 2, 4, 1


def page(
    packets: Sequence[bytes],
    serial: int = 1,
    number: int = 0,
    granule: int = 0,
    flags: int = 0,
    spoil: int = 0,
) -> bytes:
    """A page of whole packets; `spoil` makes its checksum wrong."""
    laces = b"".join(
        b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets
    )
    if len(laces) > 255:
        raise ValueError("a page has 255 segments at most")
    head = b"OggS\0" + bytes([flags]) + struct.pack("<qII", granule, serial, number)
    tail = bytes([len(laces)]) + laces + b"".join(packets)
    checksum = _crc(head + bytes(4) + tail) ^ spoil
    return head + struct.pack("<I", checksum) + tail


def long_packet(packet: bytes, serial: int = 1, number: int = 1) -> bytes:
    """One packet over as many pages as it needs."""
    pages: list[bytes] = []
    most = 255 * 255
    for start in range(0, len(packet), most):
        part = packet[start : start + most]
        laces = b"\xff" * (len(part) // 255) + (
            b"" if len(part) == most else bytes([len(part) % 255])
        )
        flags = CONTINUED if start else 0
        head = b"OggS\0" + bytes([flags]) + struct.pack("<qII", -1, serial, number + len(pages))
        tail = bytes([len(laces)]) + laces + part
        pages.append(head + struct.pack("<I", _crc(head + bytes(4) + tail)) + tail)
    return b"".join(pages)


def opus_head(channels: int = 1, skip: int = 0, family: int = 0, table: bytes = b"") -> bytes:
    """The first packet of a stream."""
    return b"OpusHead" + struct.pack("<BBHIhB", 1, channels, skip, 48000, 0, family) + table


def comments(*pairs: bytes, count: int | None = None, vendor: bytes = b"v") -> bytes:
    """Vorbis comments; `count` may lie."""
    listed = b"".join(struct.pack("<I", len(pair)) + pair for pair in pairs)
    number = struct.pack("<I", len(pairs) if count is None else count)
    return struct.pack("<I", len(vendor)) + vendor + number + listed


def opus(packets: Sequence[bytes], tags: bytes = b"", serial: int = 1, head: bytes = b"") -> bytes:
    """A stream of packets of 120 ms each, 200 on a page."""
    pages = [
        page([head or opus_head()], serial, 0, flags=FIRST),
        long_packet(b"OpusTags" + (tags or comments()), serial),
    ]
    number = 1 + pages[1].count(b"OggS")
    for start in range(0, len(packets), 200):
        part = packets[start : start + 200]
        granule = (start + len(part)) * 5760
        last = start + 200 >= len(packets)
        pages.append(page(part, serial, number, granule, LAST if last else 0))
        number += 1
    return b"".join(pages)


SILENCE = b"\x1b\x02"  # SILK, 60 ms, two frames of no byte each: 120 ms


@cache
def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value >> 31 else 0)) & 0xFFFFFFFF
        table.append(value)
    return tuple(table)


def _crc(data: bytes) -> int:
    table, value = _table(), 0
    for byte in data:
        value = (value << 8 & 0xFFFFFFFF) ^ table[value >> 24 ^ byte]
    return value
