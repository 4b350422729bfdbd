"""Turn a video file into an MP3 with the ffmpeg that moviepy is configured to use."""

import errno
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from convert import command, loudness, tags
from convert.command import Inputs
from convert.media import MediaError, Sound, duration, probe
from convert.process import Ended, run
from servicekit.jobs.options import Options
from servicekit.jobs.reasons import Reason

# What the demuxers say at the end of a file of which a part is missing.
_CUT_OFF_SIGNS = ("partial file", "File ended prematurely")

Progress = Callable[[float], None]


def ffmpeg_binary() -> str:
    """moviepy's ffmpeg: the one that FFMPEG_BINARY names, or its bundled one."""
    from moviepy.config import FFMPEG_BINARY  # reads the environment when it is imported

    return str(FFMPEG_BINARY)


def to_mp3(
    source: Path,
    target: Path,
    options: Options,
    *,
    max_duration: float,
    limit: float,
    abort: threading.Event,
    progress: Progress = lambda percent: None,
) -> None:
    """Write the sound of `source` to `target`, tags and chapters kept, as `options` ask.

    `progress` gets the percentage done, about twice a second, where the length is known.
    Raises MediaError when no MP3 can come of the file, TimeoutError after `limit` seconds,
    StoppedError on `abort`. Working files are left beside `target`.
    """
    sound = probe(source, abort)
    seconds = _expected(sound, options)
    if seconds and seconds > max_duration:
        raise MediaError(Reason.TOO_LONG, hours=max_duration / 3600)
    ffmpeg = _Ffmpeg(time.monotonic() + limit, abort)
    inputs = Inputs(
        source, _tags(target.parent, options), _cover(ffmpeg, source, target.parent, options)
    )
    gain = _gain(ffmpeg, source, sound, options) if options.normalize else None
    ended = ffmpeg(
        command.encode(inputs, target, sound, options, gain), _reader_of(progress, seconds)
    )
    _check_whole(seconds, duration(target, abort), ended.stderr)


class _Ffmpeg:
    """Runs ffmpeg until a common deadline, and knows what its exit codes mean."""

    def __init__(self, deadline: float, abort: threading.Event) -> None:
        self._deadline = deadline
        self._abort = abort

    def __call__(
        self, arguments: Sequence[str], on_line: Callable[[str], None] | None = None
    ) -> Ended:
        left = self._deadline - time.monotonic()
        ended = run([ffmpeg_binary(), *arguments], left, self._abort, on_line)
        if ended.code == 0:
            return ended
        if os.strerror(errno.ENOSPC) in ended.stderr:
            raise OSError(errno.ENOSPC, "no space for the MP3")
        if ended.code < 0:
            raise RuntimeError(f"ffmpeg was killed by signal {-ended.code}")
        raise MediaError(Reason.SOUND_NOT_DECODABLE)


def _tags(folder: Path, options: Options) -> Path | None:
    if not (options.title or options.artist or options.album):
        return None
    path = folder / "tags.txt"
    tags.write(path, options)
    return path


def _cover(ffmpeg: _Ffmpeg, source: Path, folder: Path, options: Options) -> Path | None:
    if options.cover is None:
        return None
    path = folder / "cover.jpg"
    try:
        ffmpeg(command.frame(source, path, options.cover))
    except MediaError:
        path.unlink(missing_ok=True)
    if not path.exists() or not path.stat().st_size:
        raise MediaError(Reason.NO_COVER_FRAME)
    return path


def _gain(ffmpeg: _Ffmpeg, source: Path, sound: Sound, options: Options) -> str | None:
    report = ffmpeg(command.measure(source, sound, options)).stderr
    try:
        return loudness.second_pass(report)
    except (ValueError, KeyError) as error:
        raise MediaError(Reason.LOUDNESS_NOT_MEASURABLE) from error


def _expected(sound: Sound, options: Options) -> float | None:
    """The seconds of sound that must come out, if the file says how long it is."""
    if sound.seconds is None:
        return None
    start = options.start or 0.0
    if start >= sound.seconds:
        raise MediaError(Reason.START_AFTER_END)
    return min(sound.seconds, options.end or sound.seconds) - start


def _reader_of(progress: Progress, seconds: float | None) -> Callable[[str], None]:
    """A reader of `ffmpeg -progress` lines, which are key=value; out_time_us is N/A at first."""

    def read(line: str) -> None:
        key, _, value = line.strip().partition("=")
        if seconds and key == "out_time_us" and value.isdigit():
            progress(min(100.0, int(value) / 10_000 / seconds))

    return read


def _check_whole(expected: float | None, seconds: float, stderr: str) -> None:
    """ffmpeg exits 0 on a file that ends too early, so its result is measured.

    Without a sign from the demuxer a shorter result may be right: tracks have gaps, and some
    containers only estimate. Encoder padding is below 0.1 s.
    """
    if seconds <= 0:
        raise MediaError(Reason.FILE_CUT_OFF if expected else Reason.AUDIO_TRACK_EMPTY)
    signs = any(sign in stderr for sign in _CUT_OFF_SIGNS)
    if expected is None:
        cut_off = signs
    else:
        cut_off = expected - seconds > (0.5 if signs else max(2.0, 0.1 * expected))
    if cut_off:
        raise MediaError(Reason.FILE_CUT_OFF)
