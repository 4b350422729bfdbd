"""Videos of any length, made of the recordings: a minute is encoded once and then repeated."""

from dataclasses import dataclass
from pathlib import Path

from bench import recordings
from tests.support import media

TIMEOUT = 3600.0  # seconds, of making one
MINUTE = 60.0  # seconds

# The trailer's own picture, small; packets of real sizes, copied wherever the container takes them.
_H264 = ("-c:v", "copy")
_VP8 = ("-vf", "scale=320:-2", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8")
_CONSTANT = (
    *("-vf", "scale=1280:-2", "-c:v", "libx264", "-preset", "ultrafast"),
    *("-b:v", "8M", "-minrate", "8M", "-maxrate", "8M", "-bufsize", "4M"),
    *("-x264-params", "nal-hrd=cbr"),
)
_AAC = ("-c:a", "aac", "-b:a", "128k")
# Without a reservoir no frame needs bytes of the one before, so that the repeats join.
_MP3 = ("-c:a", "libmp3lame", "-b:a", "128k", "-reservoir", "0")


@dataclass(frozen=True)
class Source:
    """A kind of video: its container, how its sound was recorded, and what the sound is."""

    name: str
    suffix: str
    sound: str
    audio: tuple[str, ...]
    picture: tuple[str, ...] = _H264


SOURCES = (
    Source("AAC in MP4, speech", "mp4", "speech", _AAC),
    Source("AAC in MP4, music", "mp4", "music", _AAC),
    Source("AAC in MP4, mix", "mp4", "mix", _AAC),
    Source("Opus in WebM, mix", "webm", "mix", ("-c:a", "libopus", "-b:a", "96k"), _VP8),
    Source("MP3 in MP4, mix", "mp4", "mix", _MP3),
    Source("MP3 in Matroska, mix", "mkv", "mix", _MP3),
    Source("PCM in MOV, mix", "mov", "mix", ("-c:a", "pcm_s16le")),
    Source("FLAC in Matroska, mix", "mkv", "mix", ("-c:a", "flac")),
    Source("AC-3 in MPEG-TS, mix", "ts", "mix", ("-c:a", "ac3", "-b:a", "192k")),
)
MIX = SOURCES[2]  # what most parts measure with


def make(source: Source, minutes: float, folder: Path) -> Path:
    """A video of this length in `folder`."""
    seconds = minutes * MINUTE
    unit = _encoded(source, min(seconds, MINUTE), folder)
    if seconds <= MINUTE:
        return unit
    path = folder / f"video-{minutes:g}.{source.suffix}"
    return _repeated(unit, path, seconds)


def large(megabytes: int, folder: Path) -> Path:
    """A video of about this size, whose picture takes 8 Mbit/s and whose sound is music."""
    source = Source("large", "mp4", "music", _AAC, _CONSTANT)
    unit = _encoded(source, MINUTE, folder)
    times = megabytes * 1_000_000 / unit.stat().st_size
    return _repeated(unit, folder / "large.mp4", times * MINUTE)


def _encoded(source: Source, seconds: float, folder: Path) -> Path:
    endless = ("-stream_loop", "-1", "-i")
    inputs = [*endless, str(recordings.trailer()), *endless, str(recordings.sound(source.sound))]
    streams = ["-map", "0:v", "-map", "1:a", *source.picture, *source.audio, "-t", f"{seconds:g}"]
    path = folder / f"unit-{seconds:g}.{source.suffix}"
    return media.make(path, *inputs, *streams, timeout=TIMEOUT)


def _repeated(unit: Path, path: Path, seconds: float) -> Path:
    again = ["-stream_loop", "-1", "-i", str(unit), "-map", "0", "-c", "copy"]
    return media.make(path, *again, "-t", f"{seconds:g}", timeout=TIMEOUT)
