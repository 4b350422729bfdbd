"""FLAC by hand: silence as constant subframes (RFC 9639)."""

import struct
from functools import cache

BLOCK = 65535  # samples of a frame, the most there can be
LAST = 0x80  # a metadata block that is the last one


def metadata(kind: int, content: bytes, size: int | None = None) -> bytes:
    """A metadata block."""
    return bytes([kind]) + struct.pack(">I", len(content) if size is None else size)[1:] + content


def streaminfo(
    rate: int = 8000, channels: int = 1, bits: int = 16, samples: int = 0, block: int = BLOCK
) -> bytes:
    """What the file claims to be: 20 bits of rate, 3 of channels, 5 of depth, 36 of samples."""
    packed = rate << 44 | (channels - 1) << 41 | (bits - 1) << 36 | samples
    return struct.pack(">HH", block, block) + bytes(6) + struct.pack(">Q", packed) + bytes(16)


def silence(hours: float, claims: int, *blocks: bytes, rate: int = 8000) -> bytes:
    """Hours of silence in a file that claims so many samples."""
    frames = int(hours * 3600 * rate / BLOCK)
    info = metadata(0 if blocks else LAST, streaminfo(samples=claims))
    return b"fLaC" + info + b"".join(blocks) + b"".join(map(_frame, range(frames)))


def _frame(number: int) -> bytes:
    # Sync, fixed blocks; size from 16 bits, 8 kHz; mono, 16 bits; the number; the size less one.
    head = b"\xff\xf8\x74\x08" + _coded(number) + struct.pack(">H", BLOCK - 1)
    body = head + bytes([_crc(head, 8, 0x07)]) + b"\0\0\0"  # a constant subframe of 0
    return body + struct.pack(">H", _crc(body, 16, 0x8005))


def _coded(number: int) -> bytes:
    """A frame's number, as UTF-8 extended to 36 bits codes it."""
    if number < 0xD800:
        return chr(number).encode()
    return bytes([0xE0 | number >> 12, 0x80 | number >> 6 & 0x3F, 0x80 | number & 0x3F])


def _crc(data: bytes, width: int, polynomial: int) -> int:
    table, value, mask = _table(width, polynomial), 0, (1 << width) - 1
    for byte in data:
        value = (value << 8 & mask) ^ table[value >> width - 8 ^ byte]
    return value


@cache
def _table(width: int, polynomial: int) -> list[int]:
    table = []
    for byte in range(256):
        value = byte << width - 8
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> width - 1 else 0)
            value &= (1 << width) - 1
        table.append(value)
    return table
