"""What becomes of one delivered message: the handler's outcome, turned into a verdict."""

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from prometheus_client import Counter, Histogram

from servicekit.backoff import Backoff
from servicekit.errors import PermanentError, StoppedError, UnavailableError
from servicekit.jobs.message import JobMessage
from servicekit.settings import Env

log = logging.getLogger(__name__)

_jobs = Counter("jobs_total", "Messages handled", ["queue", "verdict"])
_seconds = Histogram(
    "job_duration_seconds", "Time to a verdict", ["queue"], buckets=(0.1, 1, 5, 15, 60, 300, 1800)
)

Handler = Callable[[JobMessage, threading.Event], None]
GiveUp = Callable[[JobMessage], None]


class Verdict(Enum):
    """What the broker is told. RabbitMQ 4 counts only RETRY towards the delivery limit."""

    DONE = "ack"
    DEAD = "reject to the dead queue"
    RETRY = "reject and requeue"
    RETURN = "nack and requeue"


@dataclass(frozen=True)
class Delivery:
    """A message's body, how many deliveries of it failed, and the event that breaks it off."""

    body: bytes
    count: int
    abort: threading.Event


@dataclass(frozen=True)
class JobSettings:
    """How often and how patiently a message is tried.

    `retry` paces failed attempts, `pause` the wait for a dependency. `delivery_limit` must be the
    policy's `delivery-limit`: after so many failed deliveries the next one only gives up.
    `hold_limit`, in seconds, must be below the policy's consumer timeout.
    """

    delivery_limit: int
    hold_limit: float
    retry: Backoff
    pause: Backoff

    @classmethod
    def read(cls, env: Env, retry_delay: float = 1, retry_delay_max: float = 30) -> "JobSettings":
        """Read `DELIVERY_LIMIT`, `HOLD_LIMIT`, `RETRY_*` and `PAUSE_*`, with these defaults."""
        return cls(
            delivery_limit=env.integer("DELIVERY_LIMIT", 5, 1, 100),
            hold_limit=env.seconds("HOLD_LIMIT", 3600, 1, 86400),
            retry=Backoff.read(env, "RETRY", retry_delay, retry_delay_max),
            pause=Backoff.read(env, "PAUSE", 1, 10),
        )


class JobRunner:
    """Runs the handler for one message at a time, in whatever thread calls it."""

    def __init__(self, queue: str, settings: JobSettings, handle: Handler, give_up: GiveUp) -> None:
        self._queue = queue
        self._settings = settings
        self._handle = handle
        self._give_up = give_up
        self.paused_by: str | None = None  # the dependency that is waited for
        self.waiting = False  # between two attempts, or before handing the message back

    def run(self, delivery: Delivery) -> Verdict:
        """The verdict on `delivery`; never raises."""
        started = time.monotonic()
        verdict = self._attempt(delivery, started)
        seconds = time.monotonic() - started
        self.paused_by = None
        _jobs.labels(self._queue, verdict.name).inc()
        _seconds.labels(self._queue).observe(seconds)
        log.debug("%s after %.1f s", verdict.value, seconds, extra={"duration": seconds})
        return verdict

    def _attempt(self, delivery: Delivery, started: float) -> Verdict:
        pauses = 0
        while True:
            try:
                return self._try_once(delivery)
            except UnavailableError as error:
                self.paused_by = str(error)
                log.warning("Waiting for a dependency: %s", error)
                held = time.monotonic() - started
                if held > self._settings.hold_limit:
                    return Verdict.RETURN
                self._wait(delivery, self._settings.pause.delay(pauses))
                pauses += 1

    def _try_once(self, delivery: Delivery) -> Verdict:
        """One attempt; UnavailableError is the caller's, for it costs no delivery."""
        try:
            if delivery.abort.is_set():
                return Verdict.RETURN
            message = JobMessage.decode(delivery.body)
            log.info("Received message: %s", json.dumps(json.loads(delivery.body)))
            if delivery.count >= self._settings.delivery_limit:
                log.error("Giving up after %d deliveries", delivery.count)
                self._give_up(message)
                return Verdict.DEAD
            self._handle(message, delivery.abort)
        except PermanentError as error:
            log.error("Message dead-lettered: %s: %.500r", error, delivery.body)
            return Verdict.DEAD
        except StoppedError:
            log.info("Shutting down: the message goes back to the queue")
            return Verdict.RETURN
        except UnavailableError:
            raise
        except Exception:  # the delivery limit bounds what nobody foresaw
            log.exception("Attempt %d failed", delivery.count + 1)
            self._wait(delivery, self._settings.retry.delay(delivery.count))
            return Verdict.RETRY
        return Verdict.DONE

    def _wait(self, delivery: Delivery, seconds: float) -> None:
        """Back off, or until the message is to be handed back."""
        self.waiting = True
        delivery.abort.wait(seconds)
        self.waiting = False
