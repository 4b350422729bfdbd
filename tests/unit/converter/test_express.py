"""The express lane: open while its worker is busy; what fails in it is left to the message."""

import threading
from collections.abc import Callable
from typing import Any, cast

import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect

import express
from conversion import Conversion
from express import ExpressLane
from servicekit.errors import StoppedError, UnavailableError
from servicekit.jobs.ahead import JobsAhead
from servicekit.jobs.by_converter import JobCancelledError
from servicekit.jobs.job import Job
from tests.support.wait import until

JOB = Job.from_document({"_id": ObjectId(), "metadata": {"username": "ann@example.com"}})


class Lane:
    """In the place of the jobs and of the conversion: one job waits, and each attempt fails."""

    def __init__(self, *failures: Exception) -> None:
        self.waiting = [JOB]
        self.failures = list(failures)
        self.notes: list[str] = []

    def claim(self) -> Job | None:
        self.notes.append("claimed")
        return self.waiting.pop() if self.waiting else None

    def convert(self, _job: Job, abort: threading.Event) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.notes.append("converted")

    def spend_message(self, _job_id: ObjectId) -> None:
        self.notes.append("message spent")

    def put_back(self, _job_id: ObjectId, *, again: bool) -> None:
        self.notes.append(f"put back, again: {again}")

    def open(self, busy: Callable[[], bool] = lambda: True) -> ExpressLane:
        mine: Any = self
        return ExpressLane(cast("JobsAhead", mine), cast("Conversion", mine), busy)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(express, "INTERVAL", 0.01)


@pytest.mark.parametrize(
    ("failures", "end"),
    [
        ([], "message spent"),
        ([UnavailableError("RabbitMQ"), AutoReconnect("closed")], "message spent"),
        ([RuntimeError("killed by signal 9")], "put back, again: False"),
    ],
)
def test_how_an_attempt_ends_decides_what_is_left_to_the_message(
    failures: list[Exception], end: str
) -> None:
    lane = Lane(*failures)
    with lane.open():
        until(lambda: end in lane.notes, end)
    assert sum(note != "claimed" for note in lane.notes) == (2 if end == "message spent" else 1)


def test_a_job_that_is_cancelled_or_taken_over_is_touched_no_more() -> None:
    lane = Lane(JobCancelledError())
    with lane.open():
        until(lambda: lane.notes.count("claimed") > 1, "the lane looks for the next one")
    assert set(lane.notes) == {"claimed"}


def test_the_lane_of_an_idle_worker_takes_nothing() -> None:
    lane, looks = Lane(), threading.Semaphore(0)

    def busy() -> bool:
        looks.release()
        return False

    with lane.open(busy):
        assert all(looks.acquire(timeout=10) for _ in range(5))
    assert lane.notes == []


def test_a_lane_that_is_closed_puts_its_job_back_for_another() -> None:
    lane, begun = Lane(), threading.Event()

    def convert(_job: Job, abort: threading.Event) -> None:
        begun.set()
        assert abort.wait(10)
        raise StoppedError("as a step does")

    lane.convert = convert  # type: ignore[method-assign]
    with lane.open():
        assert begun.wait(10)
    assert lane.notes == ["claimed", "put back, again: True"]


def test_a_lane_is_at_work_from_before_it_claims_a_job_until_its_end() -> None:
    seen: list[bool] = []

    class Noting(Lane):
        def claim(self) -> Job | None:
            seen.append(opened.at_work())
            return super().claim()

        def convert(self, _job: Job, _abort: threading.Event) -> None:
            seen.append(opened.at_work())

    lane = Noting()
    opened = lane.open()
    with opened:
        until(lambda: "message spent" in lane.notes, "the end")
        until(lambda: not opened.at_work(), "it rests")
    assert len(seen) >= 2
    assert all(seen)
