"""What becomes of a delivered message: an attempt's end decides what the broker is told.

| the attempt ends with      | outcome | the broker is told        | counted       |
|----------------------------|---------|---------------------------|---------------|
| no exception               | DONE    | ack                       |               |
| PermanentError             | DEAD    | reject, to the dead queue | dead at once  |
| any other exception        | RETRY   | reject and requeue        | yes           |
| StoppedError, or an abort  | RETURN  | nack and requeue          | no            |
| UnavailableError           |         | nothing: tried again here | no            |
| … for `hold_limit` seconds | RETURN  | nack and requeue          | no            |
| a killed process           |         | nothing: it requeues      | yes           |

A message that was delivered `delivery_limit` times is given up: DEAD. RabbitMQ 4.3 counts rejected
messages and killed processes, 3.10 those that are handed back too.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, Protocol, TypeVar

from servicekit import about
from servicekit.amqp import tracing
from servicekit.backoff import Backoff
from servicekit.errors import PermanentError, StoppedError, UnavailableError
from servicekit.metrics import messages as metrics
from servicekit.settings import Env

log = logging.getLogger(__name__)


class Message(Protocol):
    """What a service handles."""

    @property
    def about(self) -> Mapping[str, str]:
        """The fields of the log lines about it."""

    @property
    def shown(self) -> str:
        """What the log may tell of it."""


M = TypeVar("M", bound=Message)


class Outcome(Enum):
    """What the broker is told."""

    DONE = "ack"
    DEAD = "reject to the dead queue"
    RETRY = "reject and requeue"
    RETURN = "nack and requeue"


@dataclass(frozen=True)
class Delivery:
    """A message's body, how many deliveries of it failed, and the event that breaks it off.

    `request_id` is that of the upload that it goes back to, and `traceparent` names the span that
    published it, if it says so.
    """

    body: bytes
    count: int
    abort: threading.Event
    request_id: str = ""
    traceparent: str = ""


@dataclass(frozen=True)
class Handler(Generic[M]):
    """A service's part: `decode` a body or raise PermanentError, `handle` the message, or `give_up`
    on one that failed too often. The event tells `handle` to break off with StoppedError.
    """

    decode: Callable[[bytes], M]
    handle: Callable[[M, threading.Event], None]
    give_up: Callable[[M], None]


@dataclass(frozen=True)
class DeliverySettings:
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
    def read(
        cls, env: Env, retry_delay: float = 1, retry_delay_max: float = 30
    ) -> "DeliverySettings":
        """Read `DELIVERY_LIMIT`, `HOLD_LIMIT`, `RETRY_*` and `PAUSE_*`, with these defaults."""
        return cls(
            delivery_limit=env.integer("DELIVERY_LIMIT", 5, 1, 100),
            hold_limit=env.seconds("HOLD_LIMIT", 3600, 1, 86400),
            retry=Backoff.read(env, "RETRY", retry_delay, retry_delay_max),
            pause=Backoff.read(env, "PAUSE", 1, 10),
        )


class Attempts(Generic[M]):
    """Tries one message at a time, in whatever thread calls it."""

    def __init__(self, queue: str, settings: DeliverySettings, handler: Handler[M]) -> None:
        self._queue = queue
        self._settings = settings
        self._handler = handler
        self.paused_by: str | None = None  # the dependency that is waited for
        self.waiting = False  # between two attempts, or before handing the message back

    def outcome(self, delivery: Delivery) -> Outcome:
        """Try the message of `delivery` until it has an outcome; never raises."""
        request_id = delivery.request_id
        with (
            about.about(request_id=request_id),
            tracing.processing(self._queue, request_id, delivery.traceparent),
        ):
            outcome = self._outcome(delivery)
            failed = outcome in (Outcome.DEAD, Outcome.RETRY)
            tracing.ended(outcome.name.lower(), failed)
            return outcome

    def _outcome(self, delivery: Delivery) -> Outcome:
        started = time.monotonic()
        outcome = self._until_available(delivery, started)
        seconds = time.monotonic() - started
        self.paused_by = None
        metrics.MESSAGES.labels(self._queue, outcome.name.lower()).inc()
        metrics.SECONDS.labels(self._queue).observe(seconds)
        log.debug("%s after %.1f s", outcome.value, seconds, extra={"duration": seconds})
        return outcome

    def _until_available(self, delivery: Delivery, started: float) -> Outcome:
        pauses = 0
        while True:
            try:
                return self._attempt(delivery)
            except UnavailableError as error:
                self.paused_by = str(error)
                log.warning("Waiting for a dependency: %s", error)
                held = time.monotonic() - started
                if held > self._settings.hold_limit:
                    return Outcome.RETURN
                self._wait(delivery, self._settings.pause.delay(pauses))
                pauses += 1

    def _attempt(self, delivery: Delivery) -> Outcome:
        """One attempt; UnavailableError is the caller's, for it costs no delivery."""
        metrics.ATTEMPTS.labels(self._queue).inc()
        shown: str | bytes = delivery.body
        try:
            if delivery.abort.is_set():
                return Outcome.RETURN
            message = self._handler.decode(delivery.body)
            about.add(**message.about)
            shown = message.shown
            log.info("Received message: %s", shown)
            if delivery.count >= self._settings.delivery_limit:
                log.error("Giving up after %d deliveries", delivery.count)
                self._handler.give_up(message)
                return Outcome.DEAD
            self._handler.handle(message, delivery.abort)
        except PermanentError as error:
            log.error("Message dead-lettered: %s: %.500r", error, shown)
            return Outcome.DEAD
        except StoppedError:
            log.info("Shutting down: the message goes back to the queue")
            return Outcome.RETURN
        except UnavailableError:
            raise
        except Exception:  # the delivery limit bounds what nobody foresaw
            log.exception("Attempt %d failed", delivery.count + 1)
            self._wait(delivery, self._settings.retry.delay(delivery.count))
            return Outcome.RETRY
        return Outcome.DONE

    def _wait(self, delivery: Delivery, seconds: float) -> None:
        """Back off, or until the message is to be handed back."""
        self.waiting = True
        delivery.abort.wait(seconds)
        self.waiting = False
