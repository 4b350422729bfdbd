"""A job's message on its way to the converters."""

from servicekit.broker import BrokerSettings
from servicekit.messages import VIDEO_QUEUE, JobMessage
from servicekit.mongo import Document
from servicekit.publish import publish


def announce(broker: BrokerSettings, job: Document) -> None:
    """Queue the job; UnavailableError unless the broker confirmed it."""
    message = JobMessage(job["_id"], job["metadata"]["username"])
    publish(broker, VIDEO_QUEUE, message.encode())
