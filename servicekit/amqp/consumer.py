"""A RabbitMQ consumer that never lets a long job starve its connection.

The thread that owns the connection does nothing else, so heartbeats flow during a job of any
length; a second thread does one job at a time, and hands its outcome back to the first.
"""

import functools
import logging
import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError
from pika.spec import Basic, BasicProperties

from servicekit import about
from servicekit.amqp.broker import BrokerSettings
from servicekit.amqp.outcomes import Attempts, Delivery, DeliverySettings, Handler, M, Outcome
from servicekit.amqp.queues import declare_queue
from servicekit.errors import UnavailableError
from servicekit.settings import Env

log = logging.getLogger(__name__)

TICK = 0.5  # seconds between looks at the stop flag
STUCK_AFTER = 60.0  # seconds without a tick: connecting takes 5, a back-off or an abort 10 at most
ABORT_GRACE = 10.0  # seconds for a job that was told to break off


@dataclass(frozen=True)
class ConsumerSettings:
    """A consumer's settings; `grace` is the seconds that a running job gets at SIGTERM."""

    broker: BrokerSettings
    delivery: DeliverySettings
    grace: float

    @classmethod
    def read(cls, env: Env, delivery: DeliverySettings, grace: float) -> "ConsumerSettings":
        """Read the broker's settings and `SHUTDOWN_GRACE`; problems are left with `env`."""
        return cls(
            broker=BrokerSettings.read(env),
            delivery=delivery,
            grace=env.seconds("SHUTDOWN_GRACE", grace, 0, 86400),
        )


@dataclass(frozen=True)
class _Running:
    """The job under way, and the event that breaks it off."""

    done: "Future[Outcome]"
    abort: threading.Event


class Consumer(Generic[M]):
    """Consumes `queue` until SIGTERM: connects, re-connects, re-declares, drains, ends."""

    def __init__(self, settings: ConsumerSettings, queue: str, handler: Handler[M]) -> None:
        self._settings = settings
        self._queue = queue
        self._attempts = Attempts(queue, settings.delivery, handler)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="job")
        self._running: _Running | None = None
        self._draining = threading.Event()
        self._consuming = False
        self._problem = "not connected yet"  # why it does not consume
        self._failures = 0
        self._ticked = time.monotonic()

    def live(self) -> bool:
        """Whether the connection's thread still turns; true during a job of any length."""
        return time.monotonic() - self._ticked < STUCK_AFTER

    def check_ready(self) -> None:
        """Raise UnavailableError unless messages are being taken and handled."""
        if not self._consuming:
            raise UnavailableError(f"not consuming: {self._problem}")
        if self._attempts.paused_by:
            raise UnavailableError(self._attempts.paused_by)

    def busy(self) -> bool:
        """Whether a message is being handled, and more are wanted after it."""
        idle = self._running is None or self._attempts.waiting
        return self._consuming and not idle and not self._draining.is_set()

    def run(self) -> None:
        """Consume until SIGTERM or SIGINT, then drain; call it in the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._draining.set())
        while not self._draining.is_set():
            try:
                self._session()
            except (AMQPError, UnavailableError, OSError) as error:
                self._problem = f"{type(error).__name__}: {error}"
                log.warning("Not consuming: %s", self._problem)
                self._abandon()
                self._ticked = time.monotonic()
                self._draining.wait(self._settings.broker.reconnect.delay(self._failures))
                self._failures += 1
        self._thread.shutdown()

    def _session(self) -> None:
        """One connection's life; returns at SIGTERM, raises when the connection fails."""
        connection = pika.BlockingConnection(self._settings.broker.parameters())
        try:
            channel = connection.channel()
            declare_queue(channel, self._queue)
            channel.basic_qos(prefetch_count=1)
            tag = channel.basic_consume(
                self._queue, functools.partial(self._on_message, connection)
            )
            self._consuming, self._failures = True, 0
            log.info("Waiting for messages...")
            while not self._draining.is_set():
                self._tick(connection)
                if not (channel.is_open and channel.consumer_tags):
                    raise UnavailableError("the broker cancelled the consumer")
            channel.basic_cancel(tag)
            self._consuming = False
            self._drain(connection)
        finally:
            self._consuming = False
            if connection.is_open:
                connection.close()

    def _tick(self, connection: pika.BlockingConnection) -> None:
        self._ticked = time.monotonic()
        connection.process_data_events(time_limit=TICK)

    def _on_message(
        self,
        connection: pika.BlockingConnection,
        channel: BlockingChannel,
        method: Basic.Deliver,
        properties: BasicProperties,
        body: bytes,
    ) -> None:
        headers = properties.headers or {}
        count = int(headers.get("x-delivery-count", int(method.redelivered)))
        request_id = about.sane(properties.correlation_id)
        delivery = Delivery(body, count, threading.Event(), request_id)

        def job() -> Outcome:
            outcome = self._attempts.outcome(delivery)
            settle = functools.partial(self._settle, channel, method.delivery_tag, outcome)
            try:
                connection.add_callback_threadsafe(settle)
            except AMQPError:
                log.warning("The connection went away during the job; it is delivered again")
            return outcome

        self._running = _Running(self._thread.submit(job), delivery.abort)

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

    def _settle(self, channel: BlockingChannel, tag: int, outcome: Outcome) -> None:
        """Tell the broker, in the connection's own thread; a closed channel requeues by itself."""
        self._running = None
        if not channel.is_open:
            return
        if outcome is Outcome.DONE:
            channel.basic_ack(tag)
        elif outcome is Outcome.RETURN:
            channel.basic_nack(tag, requeue=True)
        else:
            channel.basic_reject(tag, requeue=outcome is Outcome.RETRY)
