"""What happens to a job while it is converted: its progress is written, and its end is noticed."""

import logging
import threading
from types import TracebackType
from typing import Self

from bson import ObjectId
from pymongo.errors import PyMongoError

from servicekit.jobs.by_converter import JobCancelledError
from servicekit.jobs.jobs import Jobs

log = logging.getLogger(__name__)

INTERVAL = 1.0  # seconds; with the kill of ffmpeg (0.2) a cancelled job ends within two


class Watch:
    """A context manager around the steps of a job.

    Sets `abort` when the job is cancelled, whatever step runs, and raises JobCancelledError at
    its end; an `abort` that somebody else sets stays the StoppedError that the step raises.
    """

    def __init__(self, jobs: Jobs, job_id: ObjectId, abort: threading.Event) -> None:
        self._jobs = jobs
        self._job_id = job_id
        self._abort = abort
        self._percent = 0.0
        self._cancelled = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        if self._cancelled:
            raise JobCancelledError from error

    def progress(self, percent: float) -> None:
        """Take note of how far the conversion is; it is written within a second."""
        self._percent = percent

    def _run(self) -> None:
        while not self._ended.wait(INTERVAL):
            try:
                self._jobs.progress(self._job_id, round(self._percent, 1))
            except JobCancelledError:
                self._cancelled = True
                self._abort.set()
                return
            except PyMongoError as error:
                log.warning("Progress not written: %s", error)
