"""The frame in front that holds no sound: how many frames follow, and which of their samples to
play (LAME's "Info Tag", http://gabriel.mp3-tech.org/mp3infotag.html).

A decoder puts out 529 samples before what a frame codes; the delays do not count those.
"""

from array import array
from dataclasses import dataclass

from convert.mp3.frames import Header

DECODER_DELAY = 529
MOST_DELAY = 4095  # samples: the field has twelve bits
_NAMES = (b"Xing", b"Info")  # of a variable and of a constant bit rate
_ALL = 0x0F  # there are frames, bytes, a table to seek by, and a quality
_TABLE, _LAME = 100, 36  # bytes
_SIZE = 4 + 4 + 4 + 4 + _TABLE + 4 + _LAME
_DELAYS = 21  # bytes into LAME's part
_CRC_OF = 190  # bytes from the frame's beginning; the CRC itself follows them
_WRITER = b"Lavf"  # players heed the delays of writers that they know


@dataclass(frozen=True)
class Info:
    """What such a frame says; both delays are in samples."""

    name: bytes
    delay: int
    padding: int


def read(frame: bytes) -> Info | None:
    """What `frame` says; None for one that holds sound."""
    start = 4 + Header.read(frame).side_info
    name = frame[start : start + 4]
    if name not in _NAMES:
        return None
    lame = start + _SIZE - _LAME
    delays = int.from_bytes(frame[lame + _DELAYS : lame + _DELAYS + 3], "big")
    return Info(name, delays >> 12, delays & MOST_DELAY)


def write(like: bytes, info: Info, offsets: "array[int]") -> bytes:
    """The frame for frames of this header that lie at `offsets`, the last of which is the end."""
    side_info = Header.read(like).side_info
    header = Header.read(like).with_room_for(4 + side_info + _SIZE)
    count, first = len(offsets) - 1, offsets[0]
    size = offsets[-1] - first + header.length
    table = bytes(
        256 * (offsets[count * percent // 100] - first + header.length) // size
        for percent in range(_TABLE)
    )
    numbers = b"".join(number.to_bytes(4, "big") for number in (_ALL, count, size))
    lame = bytearray(_LAME)
    lame[: len(_WRITER)] = _WRITER
    lame[_DELAYS : _DELAYS + 3] = (info.delay << 12 | info.padding).to_bytes(3, "big")
    lame[28:32] = size.to_bytes(4, "big")
    frame = header.raw + bytes(side_info) + info.name + numbers + table + bytes(4) + lame
    frame = frame.ljust(header.length, b"\0")
    return frame[:_CRC_OF] + _crc(frame[:_CRC_OF]).to_bytes(2, "big") + frame[_CRC_OF + 2 :]


def _crc(data: bytes) -> int:
    """CRC-16/ARC."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
