"""What a stranger's file is, according to ffmpeg's report, and why it may not be converted."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from convert.layouts import channels_of
from servicekit.jobs.reasons import Failure, Reason
from servicekit.jobs.tracks import MAX_TITLE, Track

# Without an output ffmpeg ends after its report; ffprobe would open every video decoder.
_OPENED = "At least one output file must be specified"
# mov's index lies at the end of the file unless the writer moved it: cut off, it is not there.
_NO_INDEX = "moov atom not found"
_MOST_TEXT = 1 << 19  # characters of a report; 1,000 chapters with their titles take 100 kB
_ESTIMATED = "Estimating duration from bitrate"

# Text out of the file is indented by four spaces or more, so that it is never taken for these.
_INPUT = re.compile(r"^Input #0, (\w+)", re.MULTILINE)
_LENGTH = re.compile(r"^  Duration: (N/A|[\d:.]+)(?:, start: (-?[\d.]+))?", re.MULTILINE)
_STREAM = re.compile(r"  Stream #0:(\d+)(?:\[0x[0-9a-f]+\])?(?:\((.*?)\))?: (\w+)(?:: (\w+))?(.*)")
_RATE = re.compile(r", (\d+) Hz(?:, ([^,]+))?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9-]{1,31})?")
_UNKNOWN = "und"  # ISO 639-2 for "undetermined"
_TITLE = re.compile(r"      title           : (.*)")
# Matroska's note of where the track ends; some writers add the language of the note.
_TRACK_LENGTH = re.compile(r"      DURATION(?:-\w+)? *: (\d+:\d\d:[\d.]+)")
_CHAPTER = re.compile(r"^    Chapter #0:", re.MULTILINE)


class MediaError(Exception):
    """The file cannot be converted, ever; `failure` is for the user who sent it."""

    def __init__(self, reason: Reason, **values: float | str) -> None:
        self.failure = Failure.of(reason, **values)
        super().__init__(self.failure.text)


@dataclass(frozen=True)
class Sound:
    """An audio track that can be converted, and what its file says of it.

    `index` is ffmpeg's, among all streams of the file. `seconds` is its end, or with `exact` false
    the file's, on the file's own clock; None where neither is known. `container` is ffmpeg's name.
    `tags_fit` is false where there are so many of them that no player would show them.
    """

    index: int
    track: Track
    seconds: float | None
    exact: bool
    container: str
    chapters: int
    tags_fit: bool = True


@dataclass(frozen=True)
class _Stream:
    index: int
    kind: str
    codec: str
    language: str | None
    rate: int | None
    channels: int | None
    default: bool
    picture: bool
    title: str | None = None
    end: float | None = None


def sounds_in(report: str) -> tuple[Sound, ...]:
    """The audio tracks of the file that ffmpeg's report describes; MediaError without one."""
    if _OPENED not in report:
        raise MediaError(Reason.FILE_CUT_OFF if _NO_INDEX in report else Reason.NOT_MEDIA)
    streams = [stream for stream in _streams(report) if not stream.picture]
    sounds = [stream for stream in streams if stream.kind == "Audio"]
    if not sounds:
        raise MediaError(Reason.NO_AUDIO_TRACK if "  Stream #0:" in report else Reason.NOT_MEDIA)
    default = next((one for one in sounds if one.default), sounds[0])
    length, start = _file_length(report)
    container = _INPUT.search(report)
    chapters = len(_CHAPTER.findall(report))

    def sound(number: int, stream: _Stream) -> Sound:
        end = stream.end
        known = end - start if end and not (length and end > length + 1) else None
        return Sound(
            index=stream.index,
            track=_track(number, stream, is_default=stream is default),
            seconds=known or length,
            exact=bool(known) or len(streams) == 1,
            container=container[1] if container else "",
            chapters=chapters,
            tags_fit=len(report) < _MOST_TEXT,
        )

    return tuple(sound(number, stream) for number, stream in enumerate(sounds, start=1))


def _track(number: int, stream: _Stream, *, is_default: bool) -> Track:
    return Track(
        number=number,
        language=stream.language,
        title=stream.title,
        codec=stream.codec,
        channels=stream.channels,
        sample_rate=stream.rate,
        default=is_default,
    )


def _streams(report: str) -> Sequence[_Stream]:
    found: list[_Stream] = []
    for line in report.split("\n"):
        if match := _STREAM.match(line):
            found.append(_stream(match))
        elif found and (match := _TRACK_LENGTH.match(line)):
            found[-1] = replace(found[-1], end=_seconds(match[1]))
        elif found and (match := _TITLE.match(line)):
            found[-1] = replace(found[-1], title=_shown(match[1]))
    return found


def _stream(match: re.Match[str]) -> _Stream:
    language = match[2] or _UNKNOWN
    known = _LANGUAGE.fullmatch(language) and language.lower() != _UNKNOWN
    form = _RATE.search(match[5])
    return _Stream(
        index=int(match[1]),
        kind=match[3],
        codec=match[4] or "",
        language=language.lower() if known else None,
        rate=int(form[1]) if form else None,
        channels=channels_of(form[2] or "") if form else None,
        default="(default)" in match[5],
        picture="(attached pic)" in match[5],
    )


def _shown(text: str) -> str | None:
    return "".join(filter(str.isprintable, text)).strip()[:MAX_TITLE] or None


def _file_length(report: str) -> tuple[float | None, float]:
    """The file's length and the time of its first packet, in seconds; a guess is no length."""
    match = _LENGTH.search(report)
    if not match:
        return None, 0.0
    length = None if _ESTIMATED in report else _seconds(match[1])
    return length, max(0.0, float(match[2] or 0))


def _seconds(clock: str) -> float | None:
    """Seconds of h:mm:ss.fraction; None where that is no length."""
    try:
        hours, minutes, seconds = clock.split(":")
        length = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        return None
    return length if math.isfinite(length) and length > 0 else None
