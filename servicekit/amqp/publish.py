"""Publish one message so that a return means: the broker has it, in a queue, on disk."""

import pika
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic, BasicProperties

from servicekit.amqp.broker import BrokerSettings
from servicekit.errors import UnavailableError

PERSISTENT = 2  # AMQP 0-9-1's delivery mode of a message that survives a restart


def publish(settings: BrokerSettings, queue: str, body: str) -> None:
    """Publish `body` to `queue` and wait until the broker has confirmed and routed it.

    A connection each time: 12 ms, and no state that threads would share. Everything together is
    bounded by the publish timeout; UnavailableError says what did not happen. Then the message
    may still have been taken, if the link broke before the confirm.
    """
    publication = _Publication(settings.parameters(), queue, body)
    publication.run(settings.publish_timeout)
    if publication.problem:
        raise UnavailableError(f"RabbitMQ: {publication.problem}")


class _Publication:
    """Connect, select confirms, publish, wait for the verdict, close.

    Not pika's BlockingConnection: that one waits for a confirm without a limit.
    """

    def __init__(self, parameters: pika.URLParameters, queue: str, body: str) -> None:
        self.problem = "no connection in time"
        self._queue = queue
        self._body = body
        self._routed = True
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
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(
            ack_nack_callback=self._on_verdict, callback=lambda _: self._publish(channel)
        )

    def _publish(self, channel: Channel) -> None:
        channel.basic_publish(
            "",
            self._queue,
            self._body.encode(),
            BasicProperties(content_type="application/json", delivery_mode=PERSISTENT),
            mandatory=True,
        )

    def _on_blocked(self, *_: object) -> None:
        self.problem = "the broker is out of memory or disk and blocks publishers"

    def _on_return(self, *_: object) -> None:
        self._routed = False

    def _on_verdict(self, frame: Method) -> None:
        if not self._routed:
            self.problem = f"there is no queue {self._queue}"
        elif isinstance(frame.method, Basic.Ack):
            self.problem = ""
        else:
            self.problem = f"the queue {self._queue} refused the message"
        self._connection.close()

    def _on_gone(self, connection: pika.SelectConnection, error: Exception | str) -> None:
        if self.problem.endswith("in time"):
            self.problem = f"{type(error).__name__}: {error}"
        connection.ioloop.stop()
