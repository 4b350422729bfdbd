"""A large video, of which the sound is a small part."""

from collections.abc import Iterator
from pathlib import Path

from bench import plain, videos
from bench.options import Options
from bench.plain import NAMES
from bench.report import Row, row
from bench.service import JobCost, Service

MEGABYTES = 1800


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """Against a download and ffmpeg by hand; the disk that the converter fills meanwhile."""
    megabytes = options.megabytes or MEGABYTES
    video = videos.large(megabytes, folder)
    what = f"video of {megabytes} MB"
    ours: list[JobCost] = []
    by_hand: list[plain.Cost] = []
    for _ in range(options.runs):
        ours.append(service.job(video))
        by_hand.append(plain.run("download", video))
    for measure, unit in (("wall", "s"), ("cpu", "CPU s"), ("peak", "MiB")):
        values = [getattr(cost, measure) for cost in ours]
        others = [getattr(cost, measure) for cost in by_hand]
        yield row("large", what, unit, values, others, NAMES["download"])
    size = [video.stat().st_size / 2**20]
    yield row("large", f"{what}: disk", "MiB", [cost.disk for cost in ours], size, "the video")
