"""The queues between the services; manifests/rabbitmq/definitions.json gives them their policy."""

from pika.adapters.blocking_connection import BlockingChannel

VIDEO_QUEUE = "video"  # gateway to converter
MP3_QUEUE = "mp3"  # converter to notification


def declare_queues(channel: BlockingChannel) -> None:
    """Make sure that `video` and `mp3` exist.

    Plain durable declares, as the tutorial's by hand: the vhost's default queue type makes them
    quorum queues, and a policy adds dead-lettering and limits.
    """
    for queue in (VIDEO_QUEUE, MP3_QUEUE):
        channel.queue_declare(queue, durable=True)
