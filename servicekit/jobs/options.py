"""What a user may ask of a conversion: checked by the gateway, obeyed by the converter."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from servicekit.webhooks.url import ALLOWED, webhook_url

# The constant rates of MPEG-1 layer III from 64 kbit/s on, and its and MPEG-2's sampling rates.
BITRATES = tuple(f"{rate}k" for rate in (64, 80, 96, 112, 128, 160, 192, 224, 256, 320))
PRESETS = ("speech", "podcast", "music")
SAMPLE_RATES = (16000, 22050, 24000, 32000, 44100, 48000)
MAX_TEXT = 200  # characters of a tag

_TIME = re.compile(r"(?:(?:(\d{1,3}):)?([0-5]?\d):)?(\d{1,6}(?:\.\d{1,3})?)", re.ASCII)
_TRACK = re.compile(r"[1-9]\d?|[a-z]{2,3}", re.ASCII)
_YES, _NO = ("yes", "true", "1", "on"), ("no", "false", "0", "off")


class OptionsError(ValueError):
    """An option is bad; the text names it and says what is allowed."""


@dataclass(frozen=True)
class Options:
    """The options of one job; None is "as the source has it". Times are in seconds.

    `preset` names options that are not given here, `track` is the number of an audio track, from 1
    on, or its language; `silence` is to be "cut", or stays.
    """

    preset: str | None = None
    bitrate: str | None = None
    quality: int | None = None
    channels: int | None = None
    sample_rate: int | None = None
    track: str | None = None
    start: float | None = None
    end: float | None = None
    normalize: bool | None = None
    silence: str | None = None
    cover: float | None = None
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    webhook: str | None = None

    @property
    def changes_sound(self) -> bool:
        """Whether the sound is to be another, or a part of the source's."""
        asked = (self.bitrate, self.quality, self.channels, self.sample_rate, self.start, self.end)
        return bool(self.normalize or self.silence) or any(value is not None for value in asked)

    @classmethod
    def parse(cls, form: Mapping[str, str]) -> "Options":
        """The options in a form's fields, empty ones left out; OptionsError for a bad one."""
        values = {
            name: _parse(name, form[name].strip()) for name in NAMES if form.get(name, "").strip()
        }
        options = cls(**values)
        if options.bitrate is not None and options.quality is not None:
            raise OptionsError("bitrate and quality exclude each other")
        if options.end is not None and options.end <= (options.start or 0):
            raise OptionsError("end must be after start")
        return options

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Options":
        """The options as `to_document` stored them."""
        return cls(**{name: document[name] for name in NAMES if name in document})

    def to_document(self) -> dict[str, Any]:
        """What was asked for, by name; empty when nothing was."""
        return {name: value for name, value in asdict(self).items() if value is not None}


NAMES = tuple(field.name for field in fields(Options))


def _parse(name: str, raw: str) -> Any:
    parser, allowed = _RULES[name]
    value = parser(raw)
    if value is None:
        raise OptionsError(f"{name} must be {allowed}")
    return value


def _one_of(*allowed: str) -> Callable[[str], str | None]:
    return lambda raw: raw if raw in allowed else None


def _number_of(*allowed: int) -> Callable[[str], int | None]:
    return lambda raw: int(raw) if raw in map(str, allowed) else None


def _time(raw: str) -> float | None:
    """Seconds, m:ss or h:mm:ss; below a minute in the last place once there are minutes."""
    match = _TIME.fullmatch(raw)
    if not match:
        return None
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    if match[2] is not None and seconds >= 60:
        return None
    return hours * 3600 + minutes * 60 + seconds


def _track(raw: str) -> str | None:
    return raw.lower() if _TRACK.fullmatch(raw.lower()) else None


def _switch(raw: str) -> bool | None:
    if raw.lower() in _YES + _NO:
        return raw.lower() in _YES
    return None


def _text(raw: str) -> str | None:
    return raw if len(raw) <= MAX_TEXT and raw.isprintable() else None


_RULES: dict[str, tuple[Callable[[str], Any], str]] = {
    "preset": (_one_of(*PRESETS), "one of " + ", ".join(PRESETS)),
    "bitrate": (_one_of(*BITRATES), "one of " + ", ".join(BITRATES)),
    "quality": (_number_of(*range(10)), "a whole number from 0 (best) to 9"),
    "channels": (_number_of(1, 2), "1 or 2"),
    "sample_rate": (_number_of(*SAMPLE_RATES), "one of " + ", ".join(map(str, SAMPLE_RATES))),
    "track": (_track, "the number of an audio track, or its language in two or three letters"),
    "start": (_time, "a time in seconds or h:mm:ss"),
    "end": (_time, "a time in seconds or h:mm:ss"),
    "normalize": (_switch, "yes or no"),
    "silence": (_one_of("cut"), "cut"),
    "cover": (_time, "the time of a frame, in seconds or h:mm:ss"),
    "title": (_text, f"a text of at most {MAX_TEXT} characters"),
    "artist": (_text, f"a text of at most {MAX_TEXT} characters"),
    "album": (_text, f"a text of at most {MAX_TEXT} characters"),
    "webhook": (webhook_url, ALLOWED),
}
