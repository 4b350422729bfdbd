"""Hours of sound in small files, behind headers that say a second, nothing, or for ever."""

import struct

from tests.hostile.corpus import Bounds, Lab, add, add_each, case
from tests.hostile.formats import flac, id3, ogg

_HOURS = "little data, many hours of sound"
_LIE = "a header that lies about the length"
_SECOND = 8000  # samples


add_each(
    _LIE,
    {
        "flac-100h-says-1s": lambda: flac.silence(100, _SECOND),
        "flac-100h-says-nothing": lambda: flac.silence(100, 0),
        "flac-100h-says-100h": lambda: flac.silence(100, 100 * 3600 * _SECOND),
        "flac-1s-says-99-days": lambda: flac.silence(0.01, (1 << 36) - 1),
    },
)


@case("mp3-hours-xing-says-10-frames", _LIE)
def _xing_short(lab: Lab) -> bytes:
    return _xing(10) + id3.silence(1800)


@case("mp3-1s-xing-says-4-billion", _LIE)
def _xing_long(lab: Lab) -> bytes:
    return _xing(0xFFFFFFFF) + id3.silence(1)


def _xing(frames: int) -> bytes:
    head = id3.SILENT[:4] + bytes(17) + b"Xing" + struct.pack(">III", 3, frames, 4000)
    return head.ljust(len(id3.SILENT), b"\0")


@case("mp3-vbri-lies", _LIE)
def _vbri(lab: Lab) -> bytes:
    table = struct.pack(">HHHIIHHHH", 1, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, 65535, 65535, 4, 65535)
    return (id3.SILENT[:4] + bytes(32) + b"VBRI" + table).ljust(104, b"\0") + id3.silence(1)


@case("mp3-5-hours-of-small-frames", _HOURS)
def _mp3_hours(lab: Lab) -> bytes:
    small = b"\xff\xf3\x14\xc0" + bytes(20)  # MPEG-2, 8 kbit/s, 24 kHz: 24 ms
    return small * (5 * 3600 * 1000 // 24)


@case("mp3-each-frame-another-rate", "a stream that changes its form in each frame")
def _mp3_changes(lab: Lab) -> bytes:
    rates = {0: 104, 1: 96, 2: 144}  # bytes of a frame at 44.1, 48 and 32 kHz, 32 kbit/s
    frames = []
    for number in range(3000):
        rate, mono = number % 3, number % 2
        head = bytes([0xFF, 0xFB, 0x10 | rate << 2, 0xC0 if mono else 0x00])
        frames.append(head.ljust(rates[rate], b"\0"))
    return b"".join(frames)


@case("mp3-free-format", "frames that do not say how long they are")
def _mp3_free(lab: Lab) -> bytes:
    return (b"\xff\xfb\x00\xc0" + bytes(200)) * 2000


@case("adts-hours-of-silence", _HOURS)
def _adts_hours(lab: Lab) -> bytes:
    silence = lab.ffmpeg("a.aac", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "3")
    length = (silence[3] & 3) << 11 | silence[4] << 3 | silence[5] >> 5
    frames = silence[length * 3 :]
    size = (frames[3] & 3) << 11 | frames[4] << 3 | frames[5] >> 5
    return frames[:size] * 100_000


@case("adts-each-frame-another-form", "a stream that changes its form in each frame")
def _adts_changes(lab: Lab) -> bytes:
    frames = []
    for number in range(5000):
        rate, channels = number % 13, number % 7 + 1
        frames.append(_adts(rate, channels, bytes([0x21, 0x10, 0x04, 0x60, 0x8C, 0x1C])))
    return b"".join(frames)


@case("adts-empty-frames", "frames without content")
def _adts_empty(lab: Lab) -> bytes:
    return _adts(4, 2, b"") * 100_000


def _adts(rate: int, channels: int, payload: bytes) -> bytes:
    length = len(payload) + 7
    return (
        bytes([0xFF, 0xF1, 0x40 | rate << 2 | channels >> 2, (channels & 3) << 6 | length >> 11])
        + bytes([length >> 3 & 0xFF, (length & 7) << 5 | 0x1F, 0xFC])
        + payload
    )


@case("amr-hours-in-empty-frames", _HOURS)
def _amr(lab: Lab) -> bytes:
    return b"#!AMR\n" + b"\x7c" * 1_000_000  # NO_DATA, 20 ms each: 5.5 hours


@case("amr-wb-hours-in-empty-frames", _HOURS)
def _amr_wb(lab: Lab) -> bytes:
    return b"#!AMR-WB\n" + b"\x7c" * 1_000_000


@case("opus-33-hours-untransmitted", _HOURS)
def _opus(lab: Lab) -> bytes:
    return ogg.opus([ogg.SILENCE] * 1_000_000)


for _suffix, _encoder in [
    ("wv", "wavpack"),
    ("m4a", "alac"),
    ("mka", "vorbis"),
    ("au", "pcm_mulaw"),
]:

    def _hour(lab: Lab, suffix: str = _suffix, encoder: str = _encoder) -> bytes:
        source = ("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono")
        codec = ("-c:a", encoder, "-strict", "-2")
        channels = ("-ac", "2") if encoder == "vorbis" else ()
        return lab.ffmpeg(f"hour.{suffix}", *source, "-t", "3600", *codec, *channels)

    add(f"{_encoder}-hour-honest", _HOURS, _hour, must="too_long")


@case("wavpack-hour-says-1s", _LIE)
def _wavpack(lab: Lab) -> bytes:
    silence = ("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "3600")
    whole = lab.ffmpeg("hour.wv", *silence, "-c:a", "wavpack")
    return whole[:12] + struct.pack("<I", _SECOND) + whole[16:]


@case("alac-hour-says-1s", _LIE)
def _alac(lab: Lab) -> bytes:
    silence = ("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "3600")
    whole = bytearray(lab.ffmpeg("hour.m4a", *silence, "-c:a", "alac"))
    for box, offset in [(b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)]:
        at = whole.index(box) + offset
        whole[at : at + 4] = struct.pack(">I", 1000)
    return bytes(whole)


@case("flac-noise-of-200s", "as many bytes of MP3 as seconds can make", bounds=Bounds(written=16))
def _noise(lab: Lab) -> bytes:
    noise = ("-f", "lavfi", "-i", "anoisesrc=r=44100:a=1:seed=1:d=200", "-ac", "2")
    return lab.ffmpeg("noise.flac", *noise, "-compression_level", "0")
