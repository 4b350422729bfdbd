"""Each way in which a job ends has its verdict, and only what failed is counted."""

import json
import threading

import pytest

from servicekit.amqp.outcomes import Delivery, Handler, JobRunner, JobSettings, Verdict
from servicekit.backoff import Backoff
from servicekit.errors import PermanentError, StoppedError, UnavailableError
from servicekit.jobs.message import JobMessage

BODY = json.dumps({"video_fid": "6908d08362046551e1ec6efa", "username": "ann@example.com"}).encode()
QUICK, FOREVER = Backoff(0.01, 0.01), Backoff(3600, 3600)
SETTINGS = JobSettings(delivery_limit=5, hold_limit=60, retry=QUICK, pause=QUICK)


def delivery(body: bytes = BODY, count: int = 0) -> Delivery:
    return Delivery(body, count, threading.Event())


def runner(
    handle: Handler, settings: JobSettings = SETTINGS, given_up: list[JobMessage] | None = None
) -> JobRunner:
    gone = [] if given_up is None else given_up
    return JobRunner("video", settings, handle, gone.append)


def raising(error: Exception) -> Handler:
    def handle(message: JobMessage, abort: threading.Event) -> None:
        raise error

    return handle


def test_a_job_that_is_done_is_acknowledged() -> None:
    seen: list[JobMessage] = []
    assert runner(lambda message, abort: seen.append(message)).run(delivery()) is Verdict.DONE
    assert [message.username for message in seen] == ["ann@example.com"]


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (PermanentError("no audio track"), Verdict.DEAD),
        (StoppedError("shutting down"), Verdict.RETURN),
        (RuntimeError("unforeseen"), Verdict.RETRY),
        (MemoryError(), Verdict.RETRY),
    ],
)
def test_each_error_has_its_verdict(error: Exception, verdict: Verdict) -> None:
    assert runner(raising(error)).run(delivery()) is verdict


def test_what_is_no_message_goes_dead_and_no_handler_sees_it() -> None:
    seen: list[JobMessage] = []
    jobs = runner(lambda message, abort: seen.append(message))
    assert jobs.run(delivery(b"not json")) is Verdict.DEAD
    assert not seen


def test_the_delivery_after_the_limit_only_gives_up() -> None:
    seen: list[JobMessage] = []
    given_up: list[JobMessage] = []
    jobs = runner(lambda message, abort: seen.append(message), given_up=given_up)
    assert jobs.run(delivery(count=4)) is Verdict.DONE
    assert jobs.run(delivery(count=5)) is Verdict.DEAD
    assert (len(seen), len(given_up)) == (1, 1)


def test_a_dependency_that_comes_back_costs_no_delivery_and_is_named_meanwhile() -> None:
    named: list[str | None] = []

    def handle(message: JobMessage, abort: threading.Event) -> None:
        named.append(jobs.paused_by)
        if len(named) < 4:
            raise UnavailableError("MongoDB is down")

    jobs = runner(handle)
    assert jobs.run(delivery()) is Verdict.DONE
    assert named == [None, "MongoDB is down", "MongoDB is down", "MongoDB is down"]
    assert jobs.paused_by is None


def test_a_dependency_that_stays_away_beyond_the_hold_limit_hands_the_message_back() -> None:
    settings = JobSettings(delivery_limit=5, hold_limit=0, retry=QUICK, pause=QUICK)
    assert runner(raising(UnavailableError("down")), settings).run(delivery()) is Verdict.RETURN


@pytest.mark.parametrize(
    ("error", "verdict"),
    [(UnavailableError("down"), Verdict.RETURN), (RuntimeError("bug"), Verdict.RETRY)],
)
@pytest.mark.timeout(30)
def test_an_abort_ends_the_wait_at_once(error: Exception, verdict: Verdict) -> None:
    settings = JobSettings(delivery_limit=5, hold_limit=7200, retry=FOREVER, pause=FOREVER)
    one = delivery()

    def handle(message: JobMessage, abort: threading.Event) -> None:
        threading.Thread(target=abort.set).start()
        raise error

    jobs = runner(handle, settings)
    assert jobs.run(one) is verdict
    assert not jobs.waiting


def test_a_job_that_was_aborted_before_it_began_is_handed_back() -> None:
    seen: list[JobMessage] = []
    one = delivery()
    one.abort.set()
    jobs = runner(lambda message, abort: seen.append(message))
    assert jobs.run(one) is Verdict.RETURN
    assert not seen
