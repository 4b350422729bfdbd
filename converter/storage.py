"""Stores the MP3 of a job in GridFS."""

import threading
from collections.abc import Sequence
from pathlib import Path

from bson import ObjectId

from servicekit.errors import StoppedError
from servicekit.jobs.chapters import Chapter
from servicekit.jobs.job import Job
from servicekit.jobs.jobs import Jobs

BLOCK = 1 << 20  # bytes copied between two looks at the abort flag


def store(
    jobs: Jobs, source: Path, chapters: Sequence[Chapter], job: Job, abort: threading.Event
) -> ObjectId:
    """Store the MP3 with its chapters; its id, or of two that store at once the first one's.

    Raises PyMongoError when MongoDB fails, StoppedError on `abort`.
    """
    with jobs.open_mp3() as mp3, source.open("rb") as file:
        while block := file.read(BLOCK):
            _stop_if(abort)
            mp3.write(block)
        return jobs.store_mp3(mp3, job, chapters)


def _stop_if(abort: threading.Event) -> None:
    if abort.is_set():
        raise StoppedError("the job was broken off")
