"""How many channels a layout has, by the name that ffmpeg gives it (libavutil/channel_layout.c)."""

import re

_NAMED = {
    "mono": 1,
    "stereo": 2,
    "downmix": 2,
    "binaural": 2,
    "quad": 4,
    "hexagonal": 6,
    "octagonal": 8,
    "cube": 8,
    "hexadecagonal": 16,
}
_COUNTED = re.compile(r"(\d{1,3}) channels")
_POINTS = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,2}")  # 5.1: five, and one for the bass


def channels_of(layout: str) -> int | None:
    """Their number; None for a layout of another name. What is in parentheses are variants."""
    plain = layout.partition("(")[0].strip()
    if match := _COUNTED.fullmatch(plain):
        return int(match[1])
    if _POINTS.fullmatch(plain):
        return sum(map(int, plain.split(".")))
    return _NAMED.get(plain)
