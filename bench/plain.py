"""Runs a plain way on a video, and tells what it cost."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.naive import IN_GRIDFS, TIMEOUT, bucket
from bench.peak import Peak
from tests.support.project import ROOT
from tests.support.tree import Tree

FFMPEG = "ffmpeg -vn -b:a 192k"
NAMES = {
    "ffmpeg": FFMPEG,
    "moviepy": "moviepy's write_audiofile",
    "tutorial": "the tutorial's worker: files whole in memory, moviepy",
    "download": f"download, {FFMPEG}, upload by hand",
}


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, seconds of all cores, and the most memory in MiB."""

    wall: float
    cpu: float
    peak: float


def run(way: str, video: Path) -> Cost:
    """Convert `video` in a plain way; CalledProcessError or TimeoutExpired when it fails."""
    mp3 = video.with_suffix(".plain.mp3")
    if way == "ffmpeg":
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(video)]
        return program([*command, "-vn", "-b:a", "192k", str(mp3)])
    if way not in IN_GRIDFS:
        return _measured([way, str(video), str(mp3)])
    with video.open("rb") as file:
        fid = bucket().upload_from_stream(video.name, file)
    try:
        return _measured([way, str(fid), str(mp3)])
    finally:
        bucket().delete(fid)


def program(command: Sequence[str]) -> Cost:
    """The cost of a program from its start to its end."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    _, peak = _run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - started, cpu, peak)


def _measured(arguments: Sequence[str]) -> Cost:
    """The cost that a program of `naive` tells of itself, and its memory."""
    output, peak = _run([sys.executable, "-m", "bench.naive", *arguments])
    told = json.loads(output)
    return Cost(told["wall"], told["cpu"], peak)


def _run(command: Sequence[str]) -> tuple[str, float]:
    """What a program prints, and the most memory that it takes, in MiB."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            with Peak(Tree([process.pid]).memory) as peak:
                output, _ = process.communicate(timeout=TIMEOUT)
        finally:
            process.kill()  # nothing, once it has ended
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return output, peak.most
