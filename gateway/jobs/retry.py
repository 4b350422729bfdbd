"""A failed job, tried again."""

import deadline
from servicekit.amqp.broker import BrokerSettings
from servicekit.errors import UnavailableError
from servicekit.http.errors import RefusedError
from servicekit.http.problem import Code
from servicekit.jobs.job import Job
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.queues import queue_conversion


def retry(jobs: Jobs, broker: BrokerSettings, job: Job) -> Job:
    """Queue a failed job again, and return it as it was queued.

    RefusedError when it has not failed or its video is gone, UnavailableError when it stays failed.
    """
    if job.removed:
        raise RefusedError(
            f"The video was removed on {job.removed:%Y-%m-%d}", 410, Code.FILE_REMOVED
        )
    queued = jobs.retry(job.id)
    if queued is None:
        raise RefusedError("Only a failed job can be retried", 409, Code.JOB_NOT_FAILED)
    try:
        queue_conversion(deadline.current().within(broker), queued)
    except UnavailableError:
        with deadline.current().rest():
            jobs.undo_retry(job)
        raise
    jobs.note_confirmed(queued.id)
    return queued
