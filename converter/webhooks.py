"""A job that has ended is told to its user's webhooks, too."""

import json
from datetime import UTC, datetime

from bson import ObjectId

from servicekit.gridfs.mongodb import Client
from servicekit.jobs.job import Job
from servicekit.jobs.reasons import Failure
from servicekit.webhooks.deliveries import Deliveries, Delivery, webhook_id
from servicekit.webhooks.endpoints import Endpoints


class Webhooks:
    """Queues a webhook for each address that wants one; PyMongoError when MongoDB fails."""

    def __init__(self, client: Client) -> None:
        self._endpoints = Endpoints(client)
        self._deliveries = Deliveries(client)

    def tell_done(self, job: Job, mp3_id: ObjectId) -> None:
        """The job has its MP3. To say so once more changes nothing."""
        self._tell(job, "job.done", {"mp3_fid": str(mp3_id)})

    def tell_failed(self, job: Job, failure: Failure) -> None:
        """The job gets no MP3. To say so once more changes nothing."""
        self._tell(job, "job.failed", {"error": failure.text, "error_code": failure.code})

    def _tell(self, job: Job, event: str, outcome: dict[str, str | None]) -> None:
        body = json.dumps(
            {
                "type": event,
                "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "data": {"id": str(job.id), "filename": job.file.filename, **outcome},
            }
        )
        for endpoint, url in self._targets(job):
            self._deliveries.add(
                Delivery(
                    id=webhook_id(job.id, job.retries, url),
                    username=job.username,
                    job_id=str(job.id),
                    url=url,
                    endpoint=endpoint,
                    body=body,
                    attempts=0,
                    outcome=None,
                )
            )

    def _targets(self, job: Job) -> list[tuple[ObjectId | None, str]]:
        """Each address once."""
        enabled = [one for one in self._endpoints.of(job.username) if not one.disabled]
        targets: dict[str, ObjectId | None] = {one.url: one.id for one in enabled}
        if job.options.webhook:
            targets.setdefault(job.options.webhook)
        return [(endpoint, url) for url, endpoint in targets.items()]
