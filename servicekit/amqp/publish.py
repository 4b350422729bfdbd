"""Publish one message so that a return means: the broker has it, in a queue, on disk."""

import time
from dataclasses import replace

import pika
from pika.channel import Channel
from pika.exceptions import ChannelClosedByBroker
from pika.frame import Method
from pika.spec import Basic, BasicProperties

from servicekit.amqp import tracing
from servicekit.amqp.broker import BrokerSettings
from servicekit.amqp.connection import reason
from servicekit.amqp.queues import exchange_to
from servicekit.errors import UnavailableError
from servicekit.tracing import spans

_NOWHERE = "nowhere"  # a routing key that nothing is bound with
PERSISTENT = 2  # AMQP 0-9-1's delivery mode of a message that survives a restart


def publish(
    settings: BrokerSettings, queue: str, body: str, request_id: str = "", traceparent: str = ""
) -> None:
    """Publish `body` to `queue` and wait until the broker has confirmed and routed it.

    `request_id` goes along as the message's correlation id, `traceparent` is what this is part of
    if not of the span around.

    A connection each time: 12 ms, and no state that threads would share. Everything together is
    bounded by the publish timeout, of which each node but the last to be tried gets half of what
    is left: one that is cut off from the others takes connections, and confirms nothing.
    UnavailableError says what did not happen. Then the message may still have been taken, if the
    link broke before the confirm, or twice: who takes it does not mind.
    """
    with tracing.publishing(queue, request_id, traceparent):
        properties = BasicProperties(
            content_type="application/json",
            delivery_mode=PERSISTENT,
            correlation_id=request_id or None,
            headers=spans.headers() or None,
        )
        _publish(settings, queue, queue, body, properties)


def ping(settings: BrokerSettings, queue: str, timeout: float) -> None:
    """Raise UnavailableError unless a message to `queue` would be taken within `timeout` seconds.

    One is published with a key that leads to no queue: a broker that is out of memory or disk takes
    connections, tells it only to those who publish, and lets a message without a body pass.
    """
    _publish(replace(settings, publish_timeout=timeout), queue, _NOWHERE, "ping", BasicProperties())


def _publish(
    settings: BrokerSettings, queue: str, key: str, body: str, properties: BasicProperties
) -> None:
    deadline = time.monotonic() + settings.publish_timeout
    untried = list(settings.parameters())
    while untried:
        left = deadline - time.monotonic()
        publication = _Publication(untried.pop(), queue, key, body, properties)
        publication.run(max(0, left / 2 if untried else left))
        if not publication.problem:
            return
    raise UnavailableError(f"RabbitMQ: {publication.problem}")


class _Publication:
    """Connect, select confirms, publish, wait for the verdict, close.

    A message that no queue is bound for is published again once the queue is bound: one that is
    deleted and declared again has lost its bindings. Here, since to bind a queue takes the right to
    write to it, which its consumer does not have; not each time, since it takes a lock on all nodes
    of the cluster, for which a broken one keeps the others waiting.

    Not pika's BlockingConnection: that one waits for a confirm without a limit.
    """

    def __init__(
        self,
        parameters: pika.URLParameters,
        queue: str,
        key: str,
        body: str,
        properties: BasicProperties,
    ) -> None:
        self.problem = "no connection in time"
        self._queue = queue
        self._key = key
        self._body = body
        self._properties = properties
        self._routed = True
        self._bound = False
        self._connection = pika.SelectConnection(
            parameters,
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_gone,
            on_close_callback=self._on_gone,
        )

    def run(self, timeout: float) -> None:
        loop = self._connection.ioloop
        loop.call_later(timeout, loop.stop)
        loop.start()
        loop.close()

    def _on_open(self, connection: pika.SelectConnection) -> None:
        self.problem = "no confirm in time"
        connection.add_on_connection_blocked_callback(self._on_blocked)
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._on_refused)
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(
            ack_nack_callback=lambda frame: self._on_verdict(channel, frame),
            callback=lambda _: self._publish(channel),
        )

    def _bind(self, channel: Channel) -> None:
        self._bound = True
        channel.queue_bind(
            self._queue,
            exchange_to(self._queue),
            routing_key=self._queue,
            callback=lambda _: self._publish(channel),
        )

    def _publish(self, channel: Channel) -> None:
        self._routed = True
        channel.basic_publish(
            exchange_to(self._queue),
            self._key,
            self._body.encode(),
            self._properties,
            mandatory=self._key == self._queue,
        )

    def _on_blocked(self, *_: object) -> None:
        self.problem = "the broker is out of memory or disk and blocks publishers"

    def _on_return(self, *_: object) -> None:
        self._routed = False

    def _on_verdict(self, channel: Channel, frame: Method) -> None:
        if not self._routed and not self._bound:
            self._bind(channel)
            return
        if not self._routed:
            self.problem = f"there is no queue {self._queue}"
        elif isinstance(frame.method, Basic.Ack):
            self.problem = ""
        else:
            self.problem = f"the queue {self._queue} refused the message"
        self._connection.close()

    def _on_refused(self, _: Channel, reason: Exception) -> None:
        """The channel is closed: without its queue or exchange, or the right to use it."""
        if isinstance(reason, ChannelClosedByBroker):
            self.problem = reason.reply_text
            self._connection.close()

    def _on_gone(self, connection: pika.SelectConnection, error: Exception | str) -> None:
        if self.problem.endswith("in time"):
            self.problem = reason(error)
        connection.ioloop.stop()
