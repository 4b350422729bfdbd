"""A RabbitMQ consumer that never lets a long job starve its connection.

The thread that owns the connection does nothing else, so heartbeats flow during a job of any
length; a second thread does one job at a time, and hands its outcome back to the first.
"""

import functools
import logging
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic

import pika
from pika.exceptions import AMQPError

from servicekit.amqp.broker import BrokerSettings
from servicekit.amqp.connection import connect, reason
from servicekit.amqp.outcomes import Attempts, Delivery, DeliverySettings, Handler, M, Outcome
from servicekit.amqp.pause import Pause
from servicekit.amqp.subscription import Answer, Subscription
from servicekit.errors import UnavailableError
from servicekit.metrics.messages import PAUSED
from servicekit.settings import Env

log = logging.getLogger(__name__)

TICK = 0.5  # seconds between looks at the stop flag
# Seconds without a tick, beside two heartbeats, which a look at a silent broker takes: connecting
# takes 5, a back-off or an abort 10 at most.
STUCK_AFTER = 30.0
ABORT_GRACE = 10.0  # seconds for a job that was told to break off


@dataclass(frozen=True)
class ConsumerSettings:
    """A consumer's settings; both times in seconds.

    A running job gets `grace` at SIGTERM; every `look_interval` the worker looks for a pause.
    """

    broker: BrokerSettings
    delivery: DeliverySettings
    grace: float
    look_interval: float

    @classmethod
    def read(cls, env: Env, delivery: DeliverySettings, grace: float) -> "ConsumerSettings":
        """Read the broker's and those of the queue; problems are left with `env`."""
        return cls(
            broker=BrokerSettings.read(env),
            delivery=delivery,
            grace=env.seconds("SHUTDOWN_GRACE", grace, 0, 86400),
            look_interval=env.seconds("QUEUE_LOOK_INTERVAL", 3, 0.1, 60),
        )


@dataclass(frozen=True)
class _Running:
    """The job under way, and the event that breaks it off."""

    done: "Future[Outcome]"
    abort: threading.Event


class Consumer(Generic[M]):
    """Consumes `queue` until SIGTERM: connects, re-connects, pauses, drains, ends."""

    def __init__(self, settings: ConsumerSettings, queue: str, handler: Handler[M]) -> None:
        self._settings = settings
        self._queue = queue
        self._attempts = Attempts(queue, settings.delivery, handler)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="job")
        self._running: _Running | None = None
        self._draining = threading.Event()
        self._connected = False
        self._problem = "not connected yet"  # why it does not consume
        self._paused = False
        self._beside: Callable[[], bool] = lambda: False
        self._failures = 0
        self._ticked = time.monotonic()
        PAUSED.labels(queue).set(False)

    def live(self) -> bool:
        """Whether the connection's thread still turns; true during a job of any length."""
        silence = 2 * self._settings.broker.heartbeat
        return time.monotonic() - self._ticked < STUCK_AFTER + silence

    def check_ready(self) -> None:
        """Raise UnavailableError unless messages are being taken and handled, or would be."""
        if not self._connected:
            raise UnavailableError(f"not consuming: {self._problem}")
        if self._attempts.paused_by:
            raise UnavailableError(self._attempts.paused_by)

    def busy(self) -> bool:
        """Whether a message is being handled, and more are wanted after it."""
        idle = self._running is None or self._attempts.waiting
        return self._connected and not (idle or self._paused or self._draining.is_set())

    def run(self, beside: Callable[[], bool] = lambda: False) -> None:
        """Consume until SIGTERM or SIGINT, then drain; call it in the main thread.

        `beside` says whether the worker does something beside its message, which in a pause is held
        as long: who holds no message may be stopped.
        """
        self._beside = beside
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._draining.set())
        while not self._draining.is_set():
            try:
                self._session()
            except (AMQPError, UnavailableError, OSError) as error:
                self._problem = reason(error)
                log.warning("Not consuming: %s", self._problem)
                self._abandon()
                self._ticked = time.monotonic()
                self._draining.wait(self._settings.broker.reconnect.delay(self._failures))
                self._failures += 1
        self._thread.shutdown()

    def _session(self) -> None:
        """One connection's life; returns at SIGTERM, raises when the connection fails."""
        connection = connect(self._settings.broker)
        try:
            begin = functools.partial(self._begin, connection)
            subscription = Subscription(connection.channel(), self._queue, begin)
            pause = Pause(connection, self._queue, self._settings.look_interval)
            while not self._draining.is_set():
                self._follow(pause.is_on(), subscription)
                self._connected, self._failures = True, 0
                self._tick(connection)
                subscription.check()
            subscription.stop()
            self._connected = False
            self._drain(connection)
        finally:
            self._connected = False
            if connection.is_open:
                connection.close()

    def _follow(self, paused: bool, subscription: Subscription) -> None:
        """Take messages, or none in a pause: then a job ends that has begun, and none waits."""
        if paused != self._paused:
            self._paused = paused
            PAUSED.labels(self._queue).set(paused)
            log.info("%s: %s", "Paused" if paused else "Resumed", self._queue)
        if not paused:
            subscription.start()
            return
        subscription.stop()
        if self._running and self._attempts.waiting:
            self._running.abort.set()

    def _tick(self, connection: pika.BlockingConnection) -> None:
        self._ticked = time.monotonic()
        connection.process_data_events(time_limit=TICK)

    def _begin(
        self, connection: pika.BlockingConnection, delivery: Delivery, answer: Answer
    ) -> None:
        def job() -> Outcome:
            outcome = self._attempts.outcome(delivery)
            end = functools.partial(self._end, connection, answer, outcome)
            try:
                connection.add_callback_threadsafe(end)
            except AMQPError:
                log.warning("The connection went away during the job; it is delivered again")
            return outcome

        self._running = _Running(self._thread.submit(job), delivery.abort)

    def _end(self, connection: pika.BlockingConnection, answer: Answer, outcome: Outcome) -> None:
        """Tell the broker, in the connection's own thread."""
        if self._paused and self._beside() and not self._draining.is_set():
            again = functools.partial(self._end, connection, answer, outcome)
            connection.call_later(TICK, again)
            return
        self._running = None
        answer(outcome)

    def _drain(self, connection: pika.BlockingConnection) -> None:
        """Let the running job end within the grace period, then break it off; tell its outcome."""
        deadline = time.monotonic() + self._settings.grace
        while self._running:
            if self._attempts.waiting or time.monotonic() > deadline:
                self._running.abort.set()
            if time.monotonic() > deadline + ABORT_GRACE:
                log.error("The job does not end; its message is delivered again")
                return
            self._tick(connection)

    def _abandon(self) -> None:
        """Break off the job of a closed connection: the broker delivers its message again."""
        if self._running:
            self._running.abort.set()
            self._running.done.result()
            self._running = None
