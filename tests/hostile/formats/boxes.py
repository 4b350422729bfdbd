"""MP4 and QuickTime movies (ISO/IEC 14496-12) with one track of 16-bit PCM."""

import struct
from dataclasses import dataclass, field

RATE, SAMPLES = 8000, 8000  # one second
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def box(kind: bytes, *content: bytes, size: int | None = None) -> bytes:
    """A box whose header may say another size than it has."""
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8 if size is None else size) + kind + body


def full(kind: bytes, *content: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box with a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def counted(kind: bytes, *entries: bytes, count: int | None = None) -> bytes:
    """A table; `count` may lie about its entries."""
    return full(kind, struct.pack(">I", len(entries) if count is None else count), *entries)


def numbers(*values: int) -> bytes:
    """Unsigned integers of 32 bits."""
    return struct.pack(f">{len(values)}I", *values)


def described(
    channels: int = 1, rate: int = RATE, kind: bytes = b"sowt", extra: bytes = b""
) -> bytes:
    """A sample description of PCM."""
    fixed = struct.pack(">6xHHHIHHHHI", 1, 0, 0, 0, channels, 16, 0, 0, (rate << 16) & 0xFFFFFFFF)
    return counted(b"stsd", box(kind, fixed, extra))


def data_at(reference: bytes = b"") -> bytes:
    """Where the samples lie: this file, unless a reference is given."""
    own = full(b"url ", flags=1)
    return box(b"dinf", counted(b"dref", reference or own))


@dataclass
class Movie:
    """A movie of one second, each part of which can be replaced; `build` joins the parts."""

    timescale: int = RATE
    duration: int = SAMPLES
    stsd: bytes = field(default_factory=described)
    stts: bytes = counted(b"stts", numbers(SAMPLES, 1))
    stsc: bytes = counted(b"stsc", numbers(1, SAMPLES, 1))
    stsz: bytes = full(b"stsz", numbers(2, SAMPLES))
    stco: bytes | None = None
    edits: bytes = b""
    place: bytes = field(default_factory=data_at)
    media: bytes = b""
    extra: bytes = b""
    traks: bytes = b""
    brand: bytes = b"qt  "

    def build(self) -> bytes:
        """The file: `ftyp`, `mdat`, `moov`."""
        head = box(b"ftyp", self.brand, numbers(0x200), self.brand)
        mdat = box(b"mdat", bytes(2 * SAMPLES))
        start = counted(b"stco", numbers(len(head) + 8)) if self.stco is None else self.stco
        return head + mdat + self.moov(start)

    def moov(self, stco: bytes) -> bytes:
        """The index."""
        return box(b"moov", self._mvhd(), self.trak(stco), self.traks, self.extra)

    def trak(self, stco: bytes, number: int = 1) -> bytes:
        """The track of sound."""
        table = box(b"stbl", self.stsd, self.stts, self.stsc, self.stsz, stco)
        minf = box(b"minf", full(b"smhd", bytes(4)), self.place, table)
        mdhd = full(b"mdhd", numbers(0, 0, self.timescale, self.duration), bytes(4))
        hdlr = full(b"hdlr", b"mhlrsoun", bytes(12), b"\0")
        tkhd = full(b"tkhd", numbers(0, 0, number, 0, 1000), bytes(16), _MATRIX, bytes(8), flags=7)
        return box(b"trak", tkhd, self.edits, box(b"mdia", mdhd, hdlr, minf), self.media)

    def _mvhd(self) -> bytes:
        fixed = numbers(0, 0, 1000, 1000) + struct.pack(">IH10x", 0x10000, 0x100)
        return full(b"mvhd", fixed, _MATRIX, bytes(24), numbers(2))
