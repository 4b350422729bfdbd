"""A worker's hold on its queue: one message at a time, or none, and the broker's answer to each."""

import functools
import logging
import threading
from collections.abc import Callable

from pika.adapters.blocking_connection import BlockingChannel
from pika.spec import Basic, BasicProperties

from servicekit import about
from servicekit.amqp import tracing
from servicekit.amqp.outcomes import Delivery, Outcome
from servicekit.amqp.queues import declare_queue
from servicekit.errors import UnavailableError

log = logging.getLogger(__name__)

Answer = Callable[[Outcome], None]


class Subscription:
    """Hands each message to `take` with how to answer it; all in the connection's own thread.

    A worker that stops stays a consumer of the queue until it has answered the message it holds:
    so a queue without consumers is one of which nobody holds a message.
    """

    def __init__(
        self, channel: BlockingChannel, queue: str, take: Callable[[Delivery, Answer], None]
    ) -> None:
        self._channel = channel
        self._queue = queue
        self._take = take
        self._holds = False
        self._stopped = True
        declare_queue(channel, queue)
        channel.basic_qos(prefetch_count=1)

    def start(self) -> None:
        """Take messages from now on."""
        if self._stopped and not self._channel.consumer_tags and not self._holds:
            self._channel.basic_consume(self._queue, self._on_message)
            log.info("Waiting for messages...")
        self._stopped = False

    def stop(self) -> None:
        """Take no more."""
        self._stopped = True
        if not self._holds:
            self._cancel()

    def check(self) -> None:
        """Raise UnavailableError if the broker ended it."""
        if not (self._channel.is_open and (self._channel.consumer_tags or self._stopped)):
            raise UnavailableError("the broker cancelled the consumer")

    def _cancel(self) -> None:
        for tag in self._channel.consumer_tags:
            self._channel.basic_cancel(tag)

    def _on_message(
        self,
        _channel: BlockingChannel,
        method: Basic.Deliver,
        properties: BasicProperties,
        body: bytes,
    ) -> None:
        self._holds = True
        headers = properties.headers or {}
        count = int(headers.get("x-delivery-count", int(method.redelivered)))
        request_id = about.sane(properties.correlation_id)
        parent = tracing.parent_in(headers)
        delivery = Delivery(body, count, threading.Event(), request_id, parent)
        self._take(delivery, functools.partial(self._answer, method.delivery_tag))

    def _answer(self, tag: int, outcome: Outcome) -> None:
        """Tell the broker; a closed channel requeues by itself."""
        self._holds = False
        if not self._channel.is_open:
            return
        if self._stopped:  # first: the answer makes room for another message
            self._cancel()
        if outcome is Outcome.DONE:
            self._channel.basic_ack(tag)
        elif outcome is Outcome.RETURN:
            self._channel.basic_nack(tag, requeue=True)
        else:
            self._channel.basic_reject(tag, requeue=outcome is Outcome.RETRY)
