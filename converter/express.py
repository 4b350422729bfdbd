"""The express lane: who has nothing under way does not wait behind somebody else's many jobs.

While the worker is busy with a message, the lane converts beside it a job of a user of whom no
conversion is under way, however many messages are in front of its own. That one stays in the queue
and vouches for the job, so the lane may fail at any point: it only ever saves time.
"""

import logging
import threading
from collections.abc import Callable
from typing import Self

from pymongo.errors import PyMongoError

from conversion import Conversion
from servicekit import about
from servicekit.errors import StoppedError, UnavailableError
from servicekit.gridfs.mongodb import outage_is_unavailable
from servicekit.jobs.ahead import JobsAhead
from servicekit.jobs.by_converter import JobCancelledError
from servicekit.jobs.job import Job
from servicekit.metrics.conversions import QUEUE_WAIT
from servicekit.tracing import spans

log = logging.getLogger(__name__)

INTERVAL = 1.0  # seconds between two looks for a job, or two attempts in an outage
END_TIMEOUT = 10.0  # seconds for a conversion that is told to break off


class ExpressLane:
    """A context manager: inside, a thread converts a waiting job whenever `busy` says so."""

    def __init__(self, jobs: JobsAhead, conversion: Conversion, busy: Callable[[], bool]) -> None:
        self._jobs = jobs
        self._conversion = conversion
        self._busy = busy
        self._at_work = threading.Lock()
        self._closing = threading.Event()
        self._abort = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="express")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Break off the conversion; its job waits for its message, or for another lane."""
        self._closing.set()
        self._abort.set()
        self._thread.join(END_TIMEOUT)

    def at_work(self) -> bool:
        """Whether a conversion is under way, or about to be."""
        return self._at_work.locked()

    def _run(self) -> None:
        while not self._closing.wait(INTERVAL):
            with self._at_work:
                self._look()

    def _look(self) -> None:
        try:
            while self._is_open() and (job := self._jobs.claim()):
                with about.about(**job.about), spans.span("express", parent=job.traceparent):
                    self._convert(job)
        except PyMongoError as error:
            log.warning("No look for waiting jobs: %s", error)

    def _is_open(self) -> bool:
        return self._busy() and not self._closing.is_set()

    def _convert(self, job: Job) -> None:
        """Convert until there is an end; raises PyMongoError, and then the job's message does."""
        self._abort = threading.Event()
        log.info("Converting ahead of its turn")
        QUEUE_WAIT.observe(job.waited)
        while not self._closing.is_set():
            try:
                with outage_is_unavailable():
                    self._conversion.convert(job, self._abort)
                    self._jobs.spend_message(job.id)
                return
            except UnavailableError as error:
                log.warning("The express lane waits for a dependency: %s", error)
                self._closing.wait(INTERVAL)
            except JobCancelledError:
                log.info("Left to its message")
                return
            except StoppedError:
                break
            except Exception:  # its message counts failures
                log.exception("The express lane failed")
                self._jobs.put_back(job.id, again=False)
                return
        self._jobs.put_back(job.id, again=True)
