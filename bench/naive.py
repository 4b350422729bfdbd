"""The plain ways to make the MP3, each a program: `python -m bench.naive WAY VIDEO MP3`.

Ways that need a VIDEO in GridFS take its id. Each prints what it cost from the moment that its
libraries are loaded, since a worker loads them once: wall and CPU seconds, as JSON.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bson import ObjectId
from gridfs import GridFSBucket
from moviepy import VideoFileClip
from pymongo import MongoClient

TIMEOUT = 7200  # seconds
DATABASE = "bench"


def ffmpeg(video: str, mp3: str) -> None:
    """What a person types."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", video, "-vn", "-b:a", "192k", mp3]
    subprocess.run(command, check=True, timeout=TIMEOUT)


def moviepy(video: str, mp3: str) -> None:
    """What moviepy's manual says."""
    with VideoFileClip(video) as clip:
        clip.audio.write_audiofile(mp3, logger=None)


def tutorial(fid: str, mp3: str) -> None:
    """What tutorials do: the video whole in memory, a file, moviepy, the MP3 whole in memory."""
    files = bucket()
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(files.open_download_stream(ObjectId(fid)).read())
        file.flush()
        moviepy(file.name, mp3)
    files.upload_from_stream("bench.mp3", Path(mp3).read_bytes())


def download(fid: str, mp3: str) -> None:
    """What a careful person does: download into a file, ffmpeg, upload."""
    files = bucket()
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        files.download_to_stream(ObjectId(fid), file)
        file.flush()
        ffmpeg(file.name, mp3)
    with Path(mp3).open("rb") as sound:
        files.upload_from_stream("bench.mp3", sound)


WAYS: dict[str, Callable[[str, str], None]] = {
    way.__name__: way for way in (ffmpeg, moviepy, tutorial, download)
}
IN_GRIDFS = ("tutorial", "download")


def bucket(database: str = DATABASE) -> GridFSBucket:
    """Files of the stack's MongoDB, beside those of the service unless a database is named."""
    client: MongoClient[dict[str, Any]] = MongoClient(os.environ["MONGODB_URI"])
    return GridFSBucket(client[database])


def main() -> None:
    """Go one way, and print its cost."""
    way, video, mp3 = sys.argv[1:]
    started, used = time.perf_counter(), _cpu()
    WAYS[way](video, mp3)
    print(json.dumps({"wall": time.perf_counter() - started, "cpu": _cpu() - used}))  # noqa: T201


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


if __name__ == "__main__":
    main()
