"""WAV, AIFF, CAF and AU: plain samples behind numbers that make no sense."""

import struct
from pathlib import Path

from tests.hostile.corpus import Lab, add_each, case
from tests.hostile.formats import riff
from tests.hostile.formats.riff import ALL, wav

_FORM = "a form of sound that cannot be"
_SIZE = "a size that cannot be"
_SOUND = bytes(16000)  # one second at 8 kHz, 16 bits

add_each(
    _SIZE,
    {
        "wav-data-size-0": lambda: wav(_SOUND, size=0),
        "wav-data-size-ffffffff": lambda: wav(_SOUND, size=ALL),
        "wav-data-size-7fffffff": lambda: wav(_SOUND, size=ALL >> 1),
        "wav-list-says-4gb": lambda: wav(_SOUND, riff.chunk(b"LIST", b"INFO", b"INAM", size=ALL)),
    },
)
add_each(
    _FORM,
    {
        "wav-rate-0": lambda: wav(_SOUND, rate=0),
        "wav-rate-1": lambda: wav(_SOUND, rate=1),
        "wav-rate-2-to-the-31": lambda: wav(_SOUND, rate=1 << 31),
        "wav-rate-7fffffff": lambda: wav(_SOUND, rate=0x7FFFFFFF),
        "wav-rate-768001": lambda: wav(_SOUND, rate=768001),
        "wav-channels-0": lambda: wav(_SOUND, channels=0),
        "wav-channels-255": lambda: wav(_SOUND * 10, channels=255),
        "wav-channels-65535": lambda: wav(_SOUND * 10, channels=65535),
        "wav-bits-0": lambda: wav(_SOUND, bits=0),
        "wav-bits-65535": lambda: wav(_SOUND, bits=65535),
        "wav-align-0": lambda: wav(_SOUND, align=0),
        "wav-align-65535": lambda: wav(_SOUND, align=65535),
        "wav-adpcm-align-1": lambda: wav(_SOUND, tag=0x11, bits=4, align=1),
        "wav-gsm-of-nonsense": lambda: wav(_SOUND, tag=0x31, bits=0, align=65),
        "wav-truespeech-of-zeros": lambda: wav(_SOUND, tag=0x22, bits=1, align=32),
        "wav-unknown-codec": lambda: wav(_SOUND, tag=0xABCD),
    },
)
add_each(
    "a file of many small parts",
    {
        "wav-100000-chunks": lambda: wav(_SOUND, riff.chunk(b"junk") * 100_000),
    },
)
add_each(
    "a part that is missing",
    {
        "wav-fmt-missing": lambda: riff.chunk(b"RIFF", b"WAVE", _SOUND),
    },
)
add_each(
    "the same part again and again",
    {
        "wav-100000-fmt": lambda: wav(_SOUND, riff.fmt(8000) * 100_000),
    },
)


@case("rf64-ds64-lies", _SIZE)
def _rf64(lab: Lab) -> bytes:
    sizes = struct.pack("<QQQI", (1 << 63) + 5, (1 << 63) - 1, 1 << 62, 0)
    body = riff.chunk(b"ds64", sizes) + riff.fmt(8000) + riff.chunk(b"data", _SOUND, size=ALL)
    return b"RF64" + struct.pack("<I", ALL) + b"WAVE" + body


@case("rf64-table-of-4-billion", _SIZE)
def _rf64_table(lab: Lab) -> bytes:
    sizes = struct.pack("<QQQI", 0, 16000, 8000, ALL)
    body = riff.chunk(b"ds64", sizes) + riff.fmt(8000) + riff.chunk(b"data", _SOUND, size=ALL)
    return b"RF64" + struct.pack("<I", ALL) + b"WAVE" + body


@case("wav-4-gb-of-nothing", "a large file that is cheap to send compressed")
def _sparse(lab: Lab) -> Path:
    path = lab.folder / "sparse"
    with path.open("wb") as file:
        file.write(wav(b"", rate=8000, size=16000))
        file.truncate(4 << 30)
    return path


def _aiff(rate: bytes, frames: int = 8000, channels: int = 1, bits: int = 16) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return kind + struct.pack(">I", len(content)) + content

    comm = chunk(b"COMM", struct.pack(">HIH", channels, frames, bits) + rate)
    body = b"AIFF" + comm + chunk(b"SSND", bytes(8) + _SOUND)
    return chunk(b"FORM", body)


_8KHZ = bytes.fromhex("400bfa00000000000000")
add_each(
    _FORM,
    {
        "aiff-rate-infinite": lambda: _aiff(b"\x7f\xff" + bytes(8)),
        "aiff-rate-nan": lambda: _aiff(b"\x7f\xff" + b"\xff" * 8),
        "aiff-rate-negative": lambda: _aiff(b"\xc0" + _8KHZ[1:]),
        "aiff-rate-0": lambda: _aiff(bytes(10)),
        "aiff-rate-huge": lambda: _aiff(b"\x50\x00" + b"\xff" * 8),
        "aiff-frames-ffffffff": lambda: _aiff(_8KHZ, frames=ALL),
        "aiff-channels-65535": lambda: _aiff(_8KHZ, channels=65535),
        "aiff-bits-65535": lambda: _aiff(_8KHZ, bits=65535),
    },
)


def _caf(
    rate: float, size: int = -1, per_packet: int = 2, frames: int = 1, channels: int = 1
) -> bytes:
    form = struct.pack(">dIIIIII", rate, 0x6C70636D, 2, per_packet, frames, channels, 16)
    desc = b"desc" + struct.pack(">q", 32) + form
    return (
        b"caff" + struct.pack(">HH", 1, 0) + desc + b"data" + struct.pack(">qI", size, 0) + _SOUND
    )


add_each(
    _FORM,
    {
        "caf-rate-nan": lambda: _caf(float("nan")),
        "caf-rate-infinite": lambda: _caf(float("inf")),
        "caf-rate-negative": lambda: _caf(-8000.0),
        "caf-rate-1e300": lambda: _caf(1e300),
        "caf-size-negative": lambda: _caf(8000.0, size=-(1 << 62)),
        "caf-size-2-to-the-62": lambda: _caf(8000.0, size=1 << 62),
        "caf-packet-0": lambda: _caf(8000.0, per_packet=0, frames=0),
        "caf-packet-4gb": lambda: _caf(8000.0, per_packet=ALL, frames=ALL),
        "caf-channels-4-billion": lambda: _caf(8000.0, channels=ALL),
    },
)


@case("caf-table-of-2-billion-packets", _SIZE)
def _caf_table(lab: Lab) -> bytes:
    head = _caf(8000.0, size=16004, per_packet=0, frames=0)
    table = struct.pack(">qqii", (1 << 31) - 1, 1 << 50, 0, 0)
    return head + b"pakt" + struct.pack(">q", 1 << 40) + table + b"\xff" * 10_000


add_each(
    _FORM,
    {
        "au-rate-0": lambda: (24, ALL, 3, 0, 1),
        "au-rate-ffffffff": lambda: (24, ALL, 3, ALL, 1),
        "au-header-of-2gb": lambda: (1 << 31, ALL, 3, 8000, 1),
        "au-header-of-0": lambda: (0, ALL, 3, 8000, 1),
        "au-channels-ffffffff": lambda: (24, ALL, 3, 8000, ALL),
        "au-size-0": lambda: (24, 0, 3, 8000, 1),
    },
    wrap=lambda f: b".snd" + struct.pack(">5I", *f) + _SOUND,
)
