"""Where the frames of an MP3 are (ISO/IEC 11172-3, 2.4.1.3; 13818-3 for the lower rates)."""

import mmap
from array import array
from dataclasses import dataclass

_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
# kbit/s of layer III by the header's four bits: MPEG-1's, and those of the lower rates.
_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_LOWER = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_LAYER_3 = 1


class BadFrameError(ValueError):
    """What should be a frame of layer III is none."""


@dataclass(frozen=True)
class Header:
    """A frame's first four bytes; `rate` is in Hz, `length` in bytes with the header."""

    raw: bytes
    rate: int
    samples: int
    side_info: int
    length: int

    @classmethod
    def read(cls, data: bytes) -> "Header":
        """The header that `data` begins with; BadFrameError for another, or for a free format."""
        bits = int.from_bytes(data[:4], "big")
        version, layer = bits >> 19 & 3, bits >> 17 & 3
        bitrate, rate = bits >> 12 & 15, bits >> 10 & 3
        good = bits >> 21 == 0x7FF and version in _RATES and layer == _LAYER_3
        if len(data) < 4 or not good or bitrate in (0, 15) or rate == 3:
            raise BadFrameError(data[:4].hex())
        first, mono = version == 3, bits >> 6 & 3 == 3
        hertz, samples = _RATES[version][rate], 1152 if first else 576
        bits_a_second = (_MPEG1 if first else _LOWER)[bitrate] * 1000
        length = samples // 8 * bits_a_second // hertz + (bits >> 9 & 1)
        side_info = (17 if mono else 32) if first else (9 if mono else 17)
        return cls(bytes(data[:4]), hertz, samples, side_info, length)

    def with_room_for(self, size: int) -> "Header":
        """The header of a frame like this with the lowest bit rate that holds `size` bytes."""
        bits = int.from_bytes(self.raw, "big") & ~(15 << 12 | 1 << 9) | 1 << 16  # without a CRC
        for bitrate in range(1, 15):
            header = Header.read((bits | bitrate << 12).to_bytes(4, "big"))
            if header.length >= size:
                return header
        raise BadFrameError(f"no frame holds {size} bytes")


def offsets(data: bytes | mmap.mmap, start: int) -> "array[int]":
    """Where each frame from `start` on begins, and where the last one ends.

    Raises BadFrameError where none is, or the sampling rate is not that of the first.
    """
    found, end, rate = array("Q"), len(data), 0
    while start < end:
        header = Header.read(data[start : start + 4])
        rate = rate or header.rate
        if header.rate != rate or start + header.length > end:
            raise BadFrameError(f"at byte {start}")
        found.append(start)
        start += header.length
    found.append(start)
    return found
