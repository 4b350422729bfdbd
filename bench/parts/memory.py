"""The memory of the converter and of all that it starts, added up at its peak."""

from collections.abc import Iterator
from pathlib import Path

from bench import videos
from bench.compare import compare, rows
from bench.options import Options
from bench.report import Row
from bench.service import Service

MINUTES = (1 / 60, 1.0, 10.0)  # the part growth goes on from there


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """The peak for a second, a minute and ten."""
    for minutes in MINUTES:
        if options.minutes and minutes > options.minutes:
            return
        video = videos.make(videos.MIX, minutes, folder)
        costs = compare(service, video, ("ffmpeg", "moviepy", "tutorial"), options.runs)
        what = f"{minutes:g} min" if minutes >= 1 else f"{minutes * 60:g} s"
        yield from rows("memory", what, costs, ("peak",))
