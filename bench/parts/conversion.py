"""A conversion by kind of source: containers, codecs, and what the sound is."""

from collections.abc import Iterator
from pathlib import Path

from bench import videos
from bench.compare import compare, rows
from bench.options import Options
from bench.report import Row
from bench.service import Service

MINUTES = 10.0
WAYS = ("ffmpeg", "moviepy", "tutorial")


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """CPU, time and memory of each kind."""
    minutes = options.minutes or MINUTES
    for source in videos.SOURCES:
        video = videos.make(source, minutes, folder)
        costs = compare(service, video, WAYS, options.runs)
        yield from rows("conversion", f"{source.name}, {minutes:g} min", costs)
