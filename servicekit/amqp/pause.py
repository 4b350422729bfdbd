"""Whether a queue is paused: an operator's `queue pause video` says so to all of its workers.

An exchange without a use is the flag: it is durable, and each node of the broker knows it. To look
whether there is one takes, from RabbitMQ 4 on, the right to declare it. Two of them, since the
broker logs an error for each look at what is missing:

    paused-video   there while the queue is paused; nothing else decides
    running-video  taken away by the pause, so that who looks often sees it without an error. The
                   definitions bring it back when the broker starts, and then all connect anew
"""

import time

import pika
from pika.exceptions import ChannelClosedByBroker

NOT_FOUND = 404  # AMQP 0-9-1's own code


def paused(queue: str) -> str:
    """The exchange that says that the queue is paused."""
    return f"paused-{queue}"


def running(queue: str) -> str:
    """The exchange that a pause takes away."""
    return f"running-{queue}"


class Pause:
    """What is known on one connection, in the thread that owns it; `interval` is in seconds."""

    def __init__(self, connection: pika.BlockingConnection, queue: str, interval: float) -> None:
        self._connection = connection
        self._queue = queue
        self._interval = interval
        self._due = 0.0
        self._is_on = True  # until the first look: who does not know takes no job

    def is_on(self) -> bool:
        """Whether the queue is, or was `interval` ago, paused; AMQPError when the broker fails."""
        if time.monotonic() >= self._due:
            self._is_on = self._look()
            self._due = time.monotonic() + self._interval
        return self._is_on

    def _look(self) -> bool:
        seen_running = not self._is_on and self._exists(running(self._queue))
        return not seen_running and self._exists(paused(self._queue))

    def _exists(self, exchange: str) -> bool:
        """On a channel of its own, which the broker closes if there is none."""
        channel = self._connection.channel()
        try:
            channel.exchange_declare(exchange, passive=True)
        except ChannelClosedByBroker as error:
            if error.reply_code != NOT_FOUND:
                raise
            return False
        channel.close()
        return True
