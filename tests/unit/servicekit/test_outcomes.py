"""Each way in which a job ends has its outcome, and only what failed is counted."""

import json
import threading
from collections.abc import Callable

import pytest

from servicekit.amqp.outcomes import Attempts, Delivery, DeliverySettings, Handler, Outcome
from servicekit.backoff import Backoff
from servicekit.errors import PermanentError, StoppedError, UnavailableError
from servicekit.jobs.message import JobMessage

BODY = json.dumps({"video_fid": "6908d08362046551e1ec6efa", "username": "ann@example.com"}).encode()
Handle = Callable[[JobMessage, threading.Event], None]
QUICK, FOREVER = Backoff(0.01, 0.01), Backoff(3600, 3600)
SETTINGS = DeliverySettings(delivery_limit=5, hold_limit=60, retry=QUICK, pause=QUICK)


def delivery(body: bytes = BODY, count: int = 0) -> Delivery:
    return Delivery(body, count, threading.Event())


def attempts(
    handle: Handle, settings: DeliverySettings = SETTINGS, given_up: list[JobMessage] | None = None
) -> Attempts[JobMessage]:
    gone = [] if given_up is None else given_up
    return Attempts("video", settings, Handler(JobMessage.decode, handle, gone.append))


def raising(error: Exception) -> Handle:
    def handle(message: JobMessage, abort: threading.Event) -> None:
        raise error

    return handle


def test_a_job_that_is_done_is_acknowledged() -> None:
    seen: list[JobMessage] = []
    assert attempts(lambda message, abort: seen.append(message)).outcome(delivery()) is Outcome.DONE
    assert [message.username for message in seen] == ["ann@example.com"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (PermanentError("no audio track"), Outcome.DEAD),
        (StoppedError("shutting down"), Outcome.RETURN),
        (RuntimeError("unforeseen"), Outcome.RETRY),
        (MemoryError(), Outcome.RETRY),
    ],
)
def test_each_error_has_its_outcome(error: Exception, outcome: Outcome) -> None:
    assert attempts(raising(error)).outcome(delivery()) is outcome


def test_what_is_no_message_goes_dead_and_no_handler_sees_it() -> None:
    seen: list[JobMessage] = []
    tried = attempts(lambda message, abort: seen.append(message))
    assert tried.outcome(delivery(b"not json")) is Outcome.DEAD
    assert not seen


def test_the_delivery_after_the_limit_only_gives_up() -> None:
    seen: list[JobMessage] = []
    given_up: list[JobMessage] = []
    tried = attempts(lambda message, abort: seen.append(message), given_up=given_up)
    assert tried.outcome(delivery(count=4)) is Outcome.DONE
    assert tried.outcome(delivery(count=5)) is Outcome.DEAD
    assert (len(seen), len(given_up)) == (1, 1)


def test_a_dependency_that_comes_back_costs_no_delivery_and_is_named_meanwhile() -> None:
    named: list[str | None] = []

    def handle(message: JobMessage, abort: threading.Event) -> None:
        named.append(tried.paused_by)
        if len(named) < 4:
            raise UnavailableError("MongoDB is down")

    tried = attempts(handle)
    assert tried.outcome(delivery()) is Outcome.DONE
    assert named == [None, "MongoDB is down", "MongoDB is down", "MongoDB is down"]
    assert tried.paused_by is None


def test_a_dependency_that_stays_away_beyond_the_hold_limit_hands_the_message_back() -> None:
    settings = DeliverySettings(delivery_limit=5, hold_limit=0, retry=QUICK, pause=QUICK)
    assert (
        attempts(raising(UnavailableError("down")), settings).outcome(delivery()) is Outcome.RETURN
    )


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(UnavailableError("down"), Outcome.RETURN), (RuntimeError("bug"), Outcome.RETRY)],
)
@pytest.mark.timeout(30)
def test_an_abort_ends_the_wait_at_once(error: Exception, outcome: Outcome) -> None:
    settings = DeliverySettings(delivery_limit=5, hold_limit=7200, retry=FOREVER, pause=FOREVER)
    one = delivery()

    def handle(message: JobMessage, abort: threading.Event) -> None:
        threading.Thread(target=abort.set).start()
        raise error

    tried = attempts(handle, settings)
    assert tried.outcome(one) is outcome
    assert not tried.waiting


def test_a_job_that_was_aborted_before_it_began_is_handed_back() -> None:
    seen: list[JobMessage] = []
    one = delivery()
    one.abort.set()
    tried = attempts(lambda message, abort: seen.append(message))
    assert tried.outcome(one) is Outcome.RETURN
    assert not seen
