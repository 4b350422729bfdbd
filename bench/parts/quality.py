"""How much of the coding's noise can be heard, by kind of sound."""

from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import numpy as np

from bench import plain
from bench.nmr import RATE, Array, noise_to_mask
from bench.options import Options
from bench.recordings import KINDS, sound
from bench.report import Row, row
from bench.service import Service
from tests.support import media

# The tutorial's rate, the default of release 1.0.0, and settings that were looked at.
ENCODINGS = (
    "-b:a 192k",
    "-q:a 2 -compression_level 5",
    "-q:a 0 -compression_level 7",
    "-q:a 1 -compression_level 7",
    "-b:a 192k -compression_level 7",
)
OURS = "ours"
UNITS = ("dB", "kbit/s", "CPU s")
_Score = tuple[float, float, float]  # in UNITS


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """Noise to mask, size and CPU of each kind; then the mean of the first, without the film.

    The film's sound was MP3 before, at 128 kbit/s, so its own noise counts as sound to keep.
    """
    scores: dict[str, dict[str, _Score]] = {}
    for kind in (*KINDS, "film"):
        scores[kind] = {OURS: _ours(service, sound(kind), folder / "ours.mp3")}
        for encoding in ENCODINGS:
            scores[kind][encoding] = _by_hand(encoding, sound(kind), folder / "plain.mp3")
        for place, unit in enumerate(UNITS):
            ours = scores[kind][OURS][place]
            for encoding in ENCODINGS:
                yield row("quality", kind, unit, [ours], [scores[kind][encoding][place]], encoding)
    means = {way: mean(scores[kind][way][0] for kind in KINDS) for way in (OURS, *ENCODINGS)}
    for encoding in ENCODINGS:
        what = f"mean of {', '.join(KINDS)}"
        yield row("quality", what, "dB", [means[OURS]], [means[encoding]], encoding)


def _ours(service: Service, source: Path, mp3: Path) -> _Score:
    cost = service.job(source, keep=mp3)
    return _score(source, mp3, cost.cpu)


def _by_hand(encoding: str, source: Path, mp3: Path) -> _Score:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(source), *encoding.split()]
    cost = plain.program([*command, str(mp3)])
    return _score(source, mp3, cost.cpu)


def _score(source: Path, mp3: Path, cpu: float) -> _Score:
    before, after = _channels(source), _channels(mp3)
    seconds = before.shape[1] / RATE
    ratios = [noise_to_mask(*pair) for pair in zip(before, after, strict=True)]
    return mean(ratios), mp3.stat().st_size * 8 / seconds / 1000, cpu


def _channels(path: Path) -> Array:
    """Both channels, decoded; those of mono are equal."""
    raw = media.make(
        path.with_suffix(".f32"), "-i", str(path), "-ac", "2", "-ar", str(RATE), "-f", "f32le"
    )
    samples = np.fromfile(raw, dtype="<f4").astype(np.float64)
    raw.unlink()
    return samples.reshape(-1, 2).T
