"""What a job of a minute costs in all processes: servers, services, and the mail catcher."""

from collections.abc import Iterator
from pathlib import Path

from bench import plain, videos
from bench.options import Options
from bench.report import Row, row
from bench.service import Service
from tests.support.project import SERVICES

JOBS = 10  # a run, one after the other
OTHERS = tuple(name for name in SERVICES if name != "converter")
SERVERS = ("mongod", "rabbitmq", "mailcatcher")


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """CPU for each job: of all, and of each server and service."""
    minutes = options.minutes or 1.0
    video = videos.make(videos.MIX, minutes, folder)
    trees = {"all processes": service.everything()}
    trees |= {name: service.processes(name) for name in SERVERS}
    trees |= {name: service.processes(*service.names(name)) for name in OTHERS}
    trees["converter"] = service.converters()
    used: dict[str, list[float]] = {name: [] for name in trees}
    by_hand: list[float] = []
    for _ in range(options.runs):
        before = {name: tree.cpu() for name, tree in trees.items()}
        for _ in range(JOBS):
            service.job(video)
        for name, tree in trees.items():
            used[name].append((tree.cpu() - before[name]) / JOBS)
        by_hand.append(plain.run("ffmpeg", video).cpu)
    for name, values in used.items():
        what = f"job of {minutes:g} min: {name}"
        yield row("stack", what, "CPU s", values, by_hand, plain.FFMPEG)
