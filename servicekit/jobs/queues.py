"""A job's way from service to service: the messages that a job sends."""

from servicekit.amqp.broker import BrokerSettings
from servicekit.amqp.publish import publish
from servicekit.amqp.queues import MP3_QUEUE, VIDEO_QUEUE
from servicekit.jobs.job import Job
from servicekit.jobs.message import JobMessage


def queue_conversion(broker: BrokerSettings, job: Job) -> None:
    """Hand the job to the converters; UnavailableError unless the broker confirms it.

    Whoever does it, and however often: it is part of the upload's trace.
    """
    message = JobMessage(job.id, job.username)
    publish(broker, VIDEO_QUEUE, message.encode(), job.request_id, job.traceparent)


def queue_mail(broker: BrokerSettings, job: Job, message: JobMessage) -> None:
    """Let the user be told how the job ended; UnavailableError unless the broker confirms it."""
    publish(broker, MP3_QUEUE, message.encode(), job.request_id)
