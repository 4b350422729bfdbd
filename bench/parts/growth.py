"""How the cost grows with the length of the sound, and what more workers bring."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import plain, videos
from bench.compare import compare, rows
from bench.options import Options
from bench.report import Row, row
from bench.service import Service
from tests.support import media

MINUTES = (1.0, 10.0, 60.0, 240.0)
WORKERS = (1, 2, 4, 8)
JOBS = 16  # that wait when the workers begin


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """CPU, time and memory by length; minutes of sound converted in a second, by workers."""
    for minutes in MINUTES:
        if options.minutes and minutes > options.minutes:
            break
        video = videos.make(videos.MIX, minutes, folder)
        costs = compare(service, video, ("ffmpeg", "tutorial"), options.runs)
        yield from rows("growth", f"{minutes:g} min", costs)
        video.unlink()
    length = min(options.minutes or 1.0, 1.0)
    video = videos.make(videos.MIX, length, folder)
    for workers in WORKERS:
        yield _throughput(service, options, video, length, workers)
    service.scale(1)


def _throughput(
    service: Service, options: Options, video: Path, minutes: float, workers: int
) -> Row:
    service.scale(workers)
    ours, by_hand = [], []
    for _ in range(options.runs):
        ours.append(JOBS * minutes / service.backlog([video] * JOBS))
        by_hand.append(JOBS * minutes / _in_parallel(video, workers))
    against = f"as many {plain.FFMPEG} at a time"
    return row("growth", f"{workers} workers, full queue", "min/s", ours, by_hand, against)


def _in_parallel(video: Path, count: int) -> float:
    """The seconds that ffmpeg takes for all, `count` at a time."""

    def convert(number: int) -> None:
        media.make(video.with_suffix(f".{number}.mp3"), "-i", str(video), "-vn", "-b:a", "192k")

    started = time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(convert, range(JOBS)))
    return time.perf_counter() - started
