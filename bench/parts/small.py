"""A job of one second: what is not conversion weighs most here."""

from collections.abc import Iterator
from pathlib import Path

from bench import videos
from bench.compare import compare, rows
from bench.options import Options
from bench.report import Row
from bench.service import Service

SECOND = 1 / 60  # minutes
TIMES = 5  # as many runs as elsewhere: each is short, and /proc counts CPU in steps of 0.01 s


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """The time from `success!` to the mail, and the converter's CPU."""
    video = videos.make(videos.MIX, SECOND, folder)
    service.job(video)  # what a process does once
    costs = compare(service, video, ("ffmpeg", "moviepy", "tutorial"), options.runs * TIMES)
    yield from rows("small", "job of 1 s", costs, ("wall", "cpu"))
