"""A long job alone on idle cores: how many of them one conversion uses."""

from collections.abc import Iterator
from pathlib import Path

from bench import videos
from bench.compare import compare, rows
from bench.options import Options
from bench.report import Row
from bench.service import Service

MINUTES = 60.0


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """Time, CPU and memory."""
    minutes = options.minutes or MINUTES
    video = videos.make(videos.MIX, minutes, folder)
    costs = compare(service, video, ("ffmpeg", "moviepy"), options.runs)
    yield from rows("long", f"{minutes:g} min alone", costs, ("wall", "cpu", "peak"))
