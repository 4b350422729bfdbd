"""What a stranger's file is, according to ffmpeg's report, and why it may not be converted."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from servicekit.jobs.reasons import Failure, Reason

# Without an output ffmpeg ends after its report; ffprobe would open every video decoder.
_OPENED = "At least one output file must be specified"
# mov's index lies at the end of the file unless the writer moved it: cut off, it is not there.
_NO_INDEX = "moov atom not found"
_MOST_TEXT = 1 << 19  # characters of a report; 1,000 chapters with their titles take 100 kB
_ESTIMATED = "Estimating duration from bitrate"

# Text out of the file is indented by four spaces or more, so that it is never taken for these.
_INPUT = re.compile(r"^Input #0, (\w+)", re.MULTILINE)
_LENGTH = re.compile(r"^  Duration: (N/A|[\d:.]+)(?:, start: (-?[\d.]+))?", re.MULTILINE)
_STREAM = re.compile(r"  Stream #0:(\d+)(?:\[0x[0-9a-f]+\])?(?:\(.*?\))?: (\w+)(?:: (\w+))?(.*)")
_RATE = re.compile(r", (\d+) Hz")
# Matroska's note of where the track ends; some writers add the language of the note.
_TRACK_LENGTH = re.compile(r"      DURATION(?:-\w+)? *: (\d+:\d\d:[\d.]+)")
_CHAPTER = re.compile(r"^    Chapter #0:", re.MULTILINE)


class MediaError(Exception):
    """The file cannot be converted, ever; `failure` is for the user who sent it."""

    def __init__(self, reason: Reason, **values: float) -> None:
        self.failure = Failure.of(reason, **values)
        super().__init__(self.failure.text)


@dataclass(frozen=True)
class Sound:
    """The audio track to convert, and what its file says of it.

    `rate` is its sampling rate in Hz, 0 when unknown. `seconds` is its end, or with `exact` false
    the file's, on the file's own clock; None where neither is known. `container` is ffmpeg's name.
    `tags_fit` is false where there are so many of them that no player would show them.
    """

    index: int
    codec: str
    rate: int
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
    rate: int
    default: bool
    picture: bool
    end: float | None = None


def sound_in(report: str) -> Sound:
    """The audio track of the file that ffmpeg's report describes; MediaError without one."""
    if _OPENED not in report:
        raise MediaError(Reason.FILE_CUT_OFF if _NO_INDEX in report else Reason.NOT_MEDIA)
    streams = [stream for stream in _streams(report) if not stream.picture]
    sounds = [stream for stream in streams if stream.kind == "Audio"]
    if not sounds:
        raise MediaError(Reason.NO_AUDIO_TRACK if "  Stream #0:" in report else Reason.NOT_MEDIA)
    sound = next((one for one in sounds if one.default), sounds[0])
    length, start = _file_length(report)
    container = _INPUT.search(report)
    end = sound.end - start if sound.end and not (length and sound.end > length + 1) else None
    return Sound(
        index=sound.index,
        codec=sound.codec,
        rate=sound.rate,
        seconds=end or length,
        exact=bool(end) or len(streams) == 1,
        container=container[1] if container else "",
        chapters=len(_CHAPTER.findall(report)),
        tags_fit=len(report) < _MOST_TEXT,
    )


def _streams(report: str) -> Sequence[_Stream]:
    found: list[_Stream] = []
    for line in report.split("\n"):
        if match := _STREAM.match(line):
            found.append(_stream(match))
        elif found and (match := _TRACK_LENGTH.match(line)):
            found[-1] = replace(found[-1], end=_seconds(match[1]))
    return found


def _stream(match: re.Match[str]) -> _Stream:
    rate = _RATE.search(match[4])
    return _Stream(
        index=int(match[1]),
        kind=match[2],
        codec=match[3] or "",
        rate=int(rate[1]) if rate else 0,
        default="(default)" in match[4],
        picture="(attached pic)" in match[4],
    )


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
