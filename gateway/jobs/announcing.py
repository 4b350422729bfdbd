"""A job's message on its way to the converters."""

from servicekit.amqp.broker import BrokerSettings
from servicekit.amqp.publish import publish
from servicekit.gridfs.mongodb import Document
from servicekit.jobs.message import VIDEO_QUEUE, JobMessage


def announce(broker: BrokerSettings, job: Document) -> None:
    """Queue the job; UnavailableError unless the broker confirmed it."""
    message = JobMessage(job["_id"], job["metadata"]["username"])
    publish(broker, VIDEO_QUEUE, message.encode())
