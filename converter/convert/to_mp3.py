"""Turn a video file into an MP3 with the ffmpeg that moviepy is configured to use."""

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

from convert.media import CUT_OFF, INPUT_OPTIONS, MediaError, Sound, duration, probe
from convert.process import Ended, run

# LAME's VBR at about 190 kbit/s; level 5 scores like the default at 11 to 27 % less CPU.
_ENCODER = ("-c:a", "libmp3lame", "-q:a", "2", "-compression_level", "5", "-id3v2_version", "4")

# What the demuxers say at the end of a file of which a part is missing.
_CUT_OFF_SIGNS = ("partial file", "File ended prematurely")

Progress = Callable[[float], None]


def to_mp3(
    source: Path,
    target: Path,
    *,
    max_duration: float,
    limit: float,
    abort: threading.Event,
    progress: Progress = lambda percent: None,
) -> None:
    """Write the sound of `source` to `target`, tags and chapters kept.

    `progress` gets the percentage done, about twice a second, where the length is known.
    Raises MediaError when no MP3 can come of the file, TimeoutError after `limit` seconds,
    StoppedError on `abort`.
    """
    sound = probe(source, abort)
    if sound.seconds and sound.seconds > max_duration:
        raise MediaError(f"longer than {max_duration / 3600:g} hours")
    ended = run(_command(source, target, sound), limit, abort, _reader_of(progress, sound.seconds))
    _check_exit(ended)
    _check_whole(sound, duration(target, abort), ended.stderr)


def ffmpeg_binary() -> str:
    """moviepy's ffmpeg: the one that FFMPEG_BINARY names, or its bundled one."""
    from moviepy.config import FFMPEG_BINARY  # reads the environment when it is imported

    return str(FFMPEG_BINARY)


def _command(source: Path, target: Path, sound: Sound) -> list[str]:
    return [
        *(ffmpeg_binary(), "-nostdin", "-hide_banner", "-v", "error", *INPUT_OPTIONS),
        *("-i", f"file:{source}", "-map", f"0:{sound.index}", "-vn", "-sn", "-dn"),
        *("-map_metadata", "0", "-map_chapters", "0", *_ENCODER),
        *("-progress", "pipe:1", "-stats_period", "0.5", "-f", "mp3", "-y", f"file:{target}"),
    ]


def _reader_of(progress: Progress, seconds: float | None) -> Callable[[str], None]:
    """A reader of `ffmpeg -progress` lines, which are key=value; out_time_us is N/A at first."""

    def read(line: str) -> None:
        key, _, value = line.strip().partition("=")
        if seconds and key == "out_time_us" and value.isdigit():
            progress(min(100.0, int(value) / 10_000 / seconds))

    return read


def _check_exit(ended: Ended) -> None:
    if ended.code == 0:
        return
    if os.strerror(errno.ENOSPC) in ended.stderr:
        raise OSError(errno.ENOSPC, "no space for the MP3")
    if ended.code < 0:
        raise RuntimeError(f"ffmpeg was killed by signal {-ended.code}")
    raise MediaError("the sound cannot be decoded")


def _check_whole(sound: Sound, seconds: float, stderr: str) -> None:
    """ffmpeg exits 0 on a file that ends too early, so its result is measured.

    Without a sign from the demuxer a shorter result may be right: tracks have gaps, and some
    containers only estimate. Encoder padding is below 0.1 s.
    """
    if seconds <= 0:
        raise MediaError(CUT_OFF if sound.seconds else "the audio track is empty")
    signs = any(sign in stderr for sign in _CUT_OFF_SIGNS)
    if sound.seconds is None:
        missing, allowed = (1.0, 0.0) if signs else (0.0, 0.0)
    else:
        missing = sound.seconds - seconds
        allowed = 0.5 if signs else max(2.0, 0.1 * sound.seconds)
    if missing > allowed:
        raise MediaError(CUT_OFF)
