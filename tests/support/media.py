"""Sample videos, made by ffmpeg from nothing, and a look into what came out."""

import json
import subprocess
from pathlib import Path
from typing import Any

TIMEOUT = 120  # seconds
PICTURE = "testsrc2=size=160x120:rate=10"
FRAME_BYTES = 1280 * 720 * 3 // 2  # one raw picture of `large`


def with_sound(path: Path, seconds: float = 3, **tags: str) -> Path:
    """A small video with a tone, and the `tags` that are given (title, artist, …)."""
    tone = f"sine=frequency=440:duration={seconds}"
    marks = [word for name, value in tags.items() for word in ("-metadata", f"{name}={value}")]
    codecs = ["-c:v", "mpeg4", "-c:a", "aac", "-shortest"]
    return _make(path, _lavfi(f"{PICTURE}:duration={seconds}") + _lavfi(tone) + codecs + marks)


def long_sound(path: Path, minutes: float) -> Path:
    """A tone that takes a while to convert and is quickly made; name it .flac."""
    return _make(path, _lavfi(f"sine=frequency=440:sample_rate=44100:duration={minutes * 60}"))


def silent(path: Path, seconds: float = 3) -> Path:
    """A video without an audio track."""
    return _make(path, [*_lavfi(f"{PICTURE}:duration={seconds}"), "-c:v", "mpeg4"])


def large(path: Path, megabytes: int) -> Path:
    """A video with a second of sound and more raw pictures than `megabytes`; name it .mkv."""
    frames = megabytes * 1_000_000 // FRAME_BYTES + 1
    picture = f"color=size=1280x720:rate=25,format=yuv420p,trim=end_frame={frames}"
    codecs = ["-c:v", "rawvideo", "-c:a", "aac"]
    return _make(path, _lavfi(picture) + _lavfi("sine=frequency=440:duration=1") + codecs)


def truncated(path: Path) -> Path:
    """A video whose second half, and with it the index at its end, is missing."""
    whole = with_sound(path)
    with whole.open("r+b") as file:
        file.truncate(whole.stat().st_size // 2)
    return path


def probe(path: Path) -> dict[str, Any]:
    """ffprobe's `format` and `streams`; raises CalledProcessError for what is no media file."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", str(path)]
    output = subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT).stdout
    found: dict[str, Any] = json.loads(output)
    return found


def duration(path: Path) -> float:
    """The length in seconds."""
    return float(probe(path)["format"]["duration"])


def _lavfi(source: str) -> list[str]:
    return ["-f", "lavfi", "-i", source]


def _make(path: Path, arguments: list[str]) -> Path:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments, str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT)
    return path
