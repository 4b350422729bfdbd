"""A failed job, tried again."""

from servicekit.amqp.broker import BrokerSettings
from servicekit.errors import UnavailableError
from servicekit.http.errors import RefusedError
from servicekit.jobs.job import Job
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.queues import queue_conversion


def retry(jobs: Jobs, broker: BrokerSettings, job: Job) -> None:
    """Queue a failed job again; RefusedError when it has not failed or its video is gone."""
    if job.removed:
        raise RefusedError(f"The video was removed on {job.removed:%Y-%m-%d}", 410)
    if not jobs.retry(job.id):
        raise RefusedError("Only a failed job can be retried", 409)
    try:
        queue_conversion(broker, job)
    except UnavailableError:
        jobs.undo_retry(job)
        raise
