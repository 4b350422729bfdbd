"""Turn a video into an MP3: look at it, then encode its sound as the options ask."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from convert import command, loudness, presets, tags
from convert.bounds import Bounds
from convert.choice import choose
from convert.command import Inputs
from convert.ffmpeg import Ffmpeg
from convert.media import MediaError, Sound
from convert.meter import Meter, Progress
from convert.process import Ended
from convert.source import Source
from convert.whole import check_whole
from servicekit.jobs.options import Options
from servicekit.jobs.reasons import Reason
from servicekit.jobs.tracks import Track

_NOT_MP3 = "writing it anyway"  # what ffmpeg says of a packet to be copied that is no MP3

OnLine = Callable[[str], None]
Looked = Callable[[Sequence[Track]], None]


def to_mp3(
    source: Source,
    target: Path,
    options: Options,
    bounds: Bounds,
    abort: threading.Event,
    progress: Progress = lambda percent: None,
    looked: Looked = lambda tracks: None,
) -> float:
    """Write the sound of `source` to `target`, tags and chapters kept, as `options` ask.

    Returns the seconds of sound that were written.
    `progress` gets the percentage done, about twice a second, where the length is known; `looked`
    gets the source's audio tracks, before anything can be wrong with them.
    Raises MediaError when no MP3 can come of the file, TimeoutError past the time limit,
    StoppedError on `abort`. Working files are left beside `target`.
    """
    if source.length == 0:
        raise MediaError(Reason.FILE_EMPTY)
    options = presets.resolve(options)
    files = _Files(target, target.with_name("tags.txt"), target.with_name("cover.jpg"))
    ffmpeg = Ffmpeg(source, (files.target, files.tags, files.cover), bounds, abort)
    sounds = ffmpeg.look()
    looked([sound.track for sound in sounds])
    sound = choose(sounds, options.track)
    expected = _expected(sound, options)
    _refuse_beyond(bounds.max_duration, expected or 0.0)
    most = bounds.max_duration + 1  # seconds; more than what is allowed, so that it is noticed
    conversion = _Conversion(ffmpeg, source, files, sound, options, most)

    def whole(run: Callable[[OnLine], Ended], progress: Progress) -> float:
        meter = Meter(progress, expected)
        ended = run(meter)
        _refuse_beyond(bounds.max_duration, meter.seconds)  # whatever the file says of itself
        check_whole(sound, options, expected, meter.seconds, ended.stderr)
        return meter.seconds

    if options.silence is None:
        return whole(conversion.run, progress)
    whole(conversion.listen, lambda percent: None)  # of what is cut, no length can be expected
    return conversion.cut(Meter(progress, expected))


def _expected(sound: Sound, options: Options) -> float | None:
    """The seconds of sound that must come out, if the file says how long it is."""
    start = options.start or 0.0
    if sound.seconds is None or sound.seconds <= start:
        return None
    return min(sound.seconds, options.end or sound.seconds) - start


def _refuse_beyond(most: float, seconds: float) -> None:
    if seconds > most:
        raise MediaError(Reason.TOO_LONG, hours=most / 3600)


@dataclass(frozen=True)
class _Files:
    """What a conversion writes."""

    target: Path
    tags: Path
    cover: Path


@dataclass(frozen=True)
class _Conversion:
    """The steps that follow the look at the source; `most` seconds of sound are written."""

    ffmpeg: Ffmpeg
    source: Source
    files: _Files
    sound: Sound
    options: Options
    most: float

    def run(self, on_line: OnLine) -> Ended:
        """Write the MP3; ffmpeg's progress goes to `on_line`."""
        inputs = Inputs(self.source, self._tags(), self._cover())
        if self.sound.track.codec == "mp3" and not self.options.changes_sound:
            ended = self._encode(inputs, on_line, copy=True)
            if _NOT_MP3 not in ended.stderr:
                return ended
        return self._encode(inputs, on_line, loudness=self._gain())

    def listen(self, on_line: OnLine) -> Ended:
        """Hear the source without writing anything."""
        arguments = command.listen(self.source, self.sound, self.options, self.most)
        return self.ffmpeg(arguments, on_line)

    def cut(self, meter: Meter) -> float:
        """Write the MP3 without the silences; the seconds of it. MediaError when none are left."""
        self.run(meter)
        if not meter.seconds:
            raise MediaError(Reason.ONLY_SILENCE)
        return meter.seconds

    def _encode(
        self,
        inputs: Inputs,
        on_line: OnLine,
        *,
        copy: bool = False,
        loudness: str | None = None,
    ) -> Ended:
        arguments = command.encode(
            inputs,
            self.files.target,
            self.sound,
            self.options,
            self.most,
            copy=copy,
            loudness=loudness,
        )
        return self.ffmpeg(arguments, on_line)

    def _tags(self) -> Path | None:
        if not (self.options.title or self.options.artist or self.options.album):
            return None
        tags.write(self.files.tags, self.options)
        return self.files.tags

    def _cover(self) -> Path | None:
        if self.options.cover is None:
            return None
        try:
            self.ffmpeg(command.frame(self.source, self.files.cover, self.options.cover))
        except MediaError as error:
            raise MediaError(Reason.NO_COVER_FRAME) from error
        if not self.files.cover.stat().st_size:
            raise MediaError(Reason.NO_COVER_FRAME)
        return self.files.cover

    def _gain(self) -> str | None:
        if not self.options.normalize:
            return None
        arguments = command.measure(self.source, self.sound, self.options, self.most)
        try:
            return loudness.second_pass(self.ffmpeg(arguments).stderr)
        except (ValueError, KeyError) as error:
            raise MediaError(Reason.LOUDNESS_NOT_MEASURABLE) from error
