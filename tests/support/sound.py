"""What a file sounds like: decoded by ffmpeg, and compared with another one's sound."""

import math
import operator
import subprocess
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

RATE = 8000  # samples a second: enough to tell where sound is and what it is
WINDOW = RATE // 2
AUDIBLE = 100  # root mean square, of 32768: -50 dB; below it a lossy codec may do as it likes
MOST_SHIFT = RATE // 20  # 50 ms; an encoder's delay is below it

Samples = Sequence[int]

_TIMEOUT = 120  # seconds
_MONO = ["-map", "0:a:0", "-af", "aformat=channel_layouts=stereo", "-ac", "1", "-ar", str(RATE)]


def decode(path: Path) -> tuple[Samples, str]:
    """The first audio track in mono, by way of stereo, and what ffmpeg complained of."""
    command = [
        "ffmpeg",
        "-nostdin",
        "-v",
        "error",
        "-i",
        f"file:{path}",
        *_MONO,
        "-f",
        "s16le",
        "-",
    ]
    ended = subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT)
    return array("h", ended.stdout), ended.stderr.decode()


def shift(sound: Samples, other: Samples) -> int:
    """By how many samples `other` comes later than `sound`, within MOST_SHIFT both ways.

    Measured where `sound` is loudest.
    """
    starts = range(MOST_SHIFT, len(sound) - WINDOW - MOST_SHIFT, WINDOW)
    start = max(starts, key=lambda begin: _loudness(sound[begin : begin + WINDOW]))
    piece = sound[start : start + WINDOW]
    shifts = range(-MOST_SHIFT, MOST_SHIFT + 1)
    return max(shifts, key=lambda by: _likeness(piece, other[start + by : start + by + WINDOW]))


def windows(sound: Samples, other: Samples) -> Iterator[tuple[float, float]]:
    """For each audible half second: how alike both are (1: the same shape), and how much louder
    `other` is, in dB."""
    for begin in range(0, min(len(sound), len(other)) - WINDOW, WINDOW):
        one, two = sound[begin : begin + WINDOW], other[begin : begin + WINDOW]
        if _loudness(one) >= AUDIBLE:
            yield _likeness(one, two), 20 * math.log10(max(_loudness(two), 1) / _loudness(one))


def _loudness(sound: Samples) -> float:
    return math.sqrt(_product(sound, sound) / len(sound))


def _likeness(one: Samples, two: Samples) -> float:
    energy = math.sqrt(_product(one, one) * _product(two, two))
    return _product(one, two) / energy if energy else 0.0


def _product(one: Samples, two: Samples) -> int:
    return sum(map(operator.mul, one, two))
