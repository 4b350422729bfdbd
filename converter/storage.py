"""Copies between GridFS and files: the video of a job, and its MP3."""

import threading
from pathlib import Path

from bson import ObjectId
from gridfs import GridFSBucket
from gridfs.errors import CorruptGridFile, NoFile

from convert.media import MediaError
from servicekit.errors import PermanentError, StoppedError
from servicekit.gridfs.mongodb import Client
from servicekit.jobs.job import Job
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.reasons import Reason

BLOCK = 1 << 20  # bytes copied between two looks at the abort flag


def fetch(client: Client, job: Job, target: Path, abort: threading.Event) -> None:
    """Copy the video to `target`; MediaError when parts of it are gone.

    Raises PyMongoError when MongoDB fails, StoppedError on `abort`.
    """
    try:
        with (
            GridFSBucket(client["videos"]).open_download_stream(job.id) as video,
            target.open("wb") as file,
        ):
            while block := video.read(BLOCK):
                _stop_if(abort)
                file.write(block)
    except NoFile as error:
        raise PermanentError(f"there is no video {job.id}") from error
    except CorruptGridFile as error:
        raise MediaError(Reason.FILE_CUT_OFF) from error


def store(jobs: Jobs, source: Path, job: Job, abort: threading.Event) -> ObjectId:
    """Store the MP3 and return its id; of two that store at once, the first one's for both.

    Raises PyMongoError when MongoDB fails, StoppedError on `abort`.
    """
    with jobs.open_mp3() as mp3, source.open("rb") as file:
        while block := file.read(BLOCK):
            _stop_if(abort)
            mp3.write(block)
        return jobs.store_mp3(mp3, job)


def _stop_if(abort: threading.Event) -> None:
    if abort.is_set():
        raise StoppedError("the job was broken off")
