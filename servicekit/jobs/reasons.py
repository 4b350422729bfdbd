"""Why a conversion fails: a stable code for programs and a text for the user, in mail and API."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Reason(StrEnum):
    """A code, and its text; braces in a text are filled in by `Failure.of`."""

    text: str

    def __new__(cls, code: str, text: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.text = text
        return member

    FILE_EMPTY = "file_empty", "the file is empty"
    NOT_MEDIA = "not_media", "not a media file"
    FILE_CUT_OFF = "file_cut_off", "the file is cut off"
    HEADERS_TOO_LARGE = "headers_too_large", "its headers take too long to read"
    NO_AUDIO_TRACK = "no_audio_track", "no audio track"
    NO_SUCH_TRACK = "no_such_track", "there is no audio track {wanted}, only {tracks}"
    AUDIO_TRACK_EMPTY = "audio_track_empty", "the audio track is empty"
    ONLY_SILENCE = "only_silence", "nothing but silence, which was to be cut"
    SOUND_NOT_DECODABLE = "sound_not_decodable", "the sound cannot be decoded"
    TOO_LONG = "too_long", "longer than {hours:g} hours"
    START_AFTER_END = "start_after_end", "start is after the end of the sound"
    NO_COVER_FRAME = "no_cover_frame", "there is no picture at the time given for the cover"
    LOUDNESS_NOT_MEASURABLE = "loudness_not_measurable", "its loudness cannot be measured"
    TIME_LIMIT = "time_limit", "the conversion took longer than {minutes:g} minutes"
    FAILED_REPEATEDLY = "failed_repeatedly", "the conversion failed repeatedly"
    JOB_LOST = "job_lost", "the job was lost before its conversion began"


@dataclass(frozen=True)
class Failure:
    """The reason of one job's failure; the code is None for a job that an older version failed."""

    code: str | None
    text: str

    @classmethod
    def of(cls, reason: Reason, **values: float | str) -> "Failure":
        """The failure for `reason`, its text filled in with `values`."""
        return cls(reason.value, reason.text.format(**values))
