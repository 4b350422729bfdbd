"""The queues between the services; manifests/rabbitmq/definitions.json gives them their policy.

A service publishes to an exchange that leads to one queue: who may write to the default exchange
may write to every queue there is.
"""

from contextlib import closing

from pika.adapters.blocking_connection import BlockingChannel

from servicekit.amqp.broker import BrokerSettings
from servicekit.amqp.connection import connect

VIDEO_QUEUE = "video"  # gateway to converter
MP3_QUEUE = "mp3"  # converter to notification


def exchange_to(queue: str) -> str:
    """The exchange through which `queue` is reached; the definitions declare it."""
    return f"to-{queue}"


def declare_queue(channel: BlockingChannel, queue: str) -> None:
    """Make sure that a consumer's queue exists.

    A plain durable declare, as the tutorial's by hand: the vhost's default queue type makes it a
    quorum queue, and a policy adds dead-lettering and limits.
    """
    channel.queue_declare(queue, durable=True)


def waiting(settings: BrokerSettings, queue: str) -> int:
    """How many messages of `queue` no consumer has.

    UnavailableError without a broker, AMQPError if it goes away or has no such queue. A passive
    declare, which takes no right of its own. A broker that falls silent is noticed by the
    heartbeat.
    """
    with closing(connect(settings)) as connection:
        found = connection.channel().queue_declare(queue, passive=True)
        return int(found.method.message_count)
