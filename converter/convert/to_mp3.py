"""Turn a video into an MP3: look at it, then encode its sound as the options ask."""

import threading
from collections.abc import Callable
from pathlib import Path

from convert import command, loudness, tags
from convert.command import Inputs
from convert.ffmpeg import Ffmpeg
from convert.media import MediaError, Sound
from convert.process import Ended
from convert.source import Source
from convert.whole import check_whole
from servicekit.jobs.options import Options
from servicekit.jobs.reasons import Reason

_NOT_MP3 = "writing it anyway"  # what ffmpeg says of a packet to be copied that is no MP3

Progress = Callable[[float], None]


def to_mp3(
    source: Source,
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
    if source.length == 0:
        raise MediaError(Reason.FILE_EMPTY)
    ffmpeg = Ffmpeg(source, limit, abort)
    sound = ffmpeg.look()
    expected = _expected(sound, options)
    if expected and expected > max_duration:
        raise MediaError(Reason.TOO_LONG, hours=max_duration / 3600)
    meter = _Meter(progress, expected)
    ended = _encode(ffmpeg, source, target, sound, options, max_duration, meter)
    if meter.seconds > max_duration:  # whatever the file says of itself
        raise MediaError(Reason.TOO_LONG, hours=max_duration / 3600)
    check_whole(sound, options, expected, meter.seconds, ended.stderr)


def _encode(
    ffmpeg: Ffmpeg,
    source: Source,
    target: Path,
    sound: Sound,
    options: Options,
    max_duration: float,
    meter: "_Meter",
) -> Ended:
    most = max_duration + 1  # seconds; more than what is allowed, so that it is noticed
    folder = target.parent
    inputs = Inputs(source, _tags(folder, options), _cover(ffmpeg, source, folder, options))
    if sound.codec == "mp3" and not options.changes_sound:
        ended = ffmpeg(command.encode(inputs, target, sound, options, most, copy=True), meter)
        if _NOT_MP3 not in ended.stderr:
            return ended
    gain = _gain(ffmpeg, source, sound, options, most) if options.normalize else None
    return ffmpeg(command.encode(inputs, target, sound, options, most, loudness=gain), meter)


def _tags(folder: Path, options: Options) -> Path | None:
    if not (options.title or options.artist or options.album):
        return None
    path = folder / "tags.txt"
    tags.write(path, options)
    return path


def _cover(ffmpeg: Ffmpeg, source: Source, folder: Path, options: Options) -> Path | None:
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


def _gain(
    ffmpeg: Ffmpeg, source: Source, sound: Sound, options: Options, most: float
) -> str | None:
    report = ffmpeg(command.measure(source, sound, options, most)).stderr
    try:
        return loudness.second_pass(report)
    except (ValueError, KeyError) as error:
        raise MediaError(Reason.LOUDNESS_NOT_MEASURABLE) from error


def _expected(sound: Sound, options: Options) -> float | None:
    """The seconds of sound that must come out, if the file says how long it is."""
    start = options.start or 0.0
    if sound.seconds is None or sound.seconds <= start:
        return None
    return min(sound.seconds, options.end or sound.seconds) - start


class _Meter:
    """Reads `ffmpeg -progress`: `seconds` of the file's own clock are written."""

    def __init__(self, progress: Progress, expected: float | None) -> None:
        self.seconds = 0.0
        self._progress = progress
        self._expected = expected

    def __call__(self, line: str) -> None:
        """Take a line, which is key=value; out_time_us is N/A until something is written."""
        key, _, value = line.strip().partition("=")
        if key == "out_time_us" and value.isdigit():
            self.seconds = int(value) / 1_000_000
            if self._expected:
                self._progress(min(100.0, 100 * self.seconds / self._expected))
