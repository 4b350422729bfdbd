"""A job that is cancelled is broken off; an outage or a shutdown is no cancellation."""

import threading
from typing import Any, cast

import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect

import watch
from servicekit.errors import StoppedError
from servicekit.jobs.by_converter import JobCancelledError
from servicekit.jobs.jobs import Jobs
from tests.support.wait import until


class Written:
    """In the place of the jobs: notes the progress, or fails."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.percents: list[float] = []

    def progress(self, _job_id: ObjectId, percent: float) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.percents.append(percent)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "INTERVAL", 0.01)


def watching(jobs: Any, abort: threading.Event) -> watch.Watch:
    return watch.Watch(cast("Jobs", jobs), ObjectId(), abort)


def test_the_last_progress_is_what_is_written(go: threading.Event) -> None:
    jobs = Written()
    with watching(jobs, go) as watched:
        watched.progress(1.0)
        watched.progress(12.34)
        until(lambda: 12.3 in jobs.percents, "the progress is written")
    assert not go.is_set()


def test_a_cancelled_job_is_broken_off_and_ends_as_one(go: threading.Event) -> None:
    with pytest.raises(JobCancelledError), watching(Written(JobCancelledError()), go):
        assert go.wait(10)
        raise StoppedError("as a step does")


def test_an_outage_of_mongodb_breaks_nothing_off(go: threading.Event) -> None:
    jobs = Written(AutoReconnect("closed"), AutoReconnect("closed"))
    with watching(jobs, go):
        until(lambda: jobs.percents, "progress is written again")
    assert not go.is_set()


def test_a_shutdown_is_no_cancellation(go: threading.Event) -> None:
    with pytest.raises(StoppedError), watching(Written(), go):
        go.set()
        raise StoppedError("as a step does")
