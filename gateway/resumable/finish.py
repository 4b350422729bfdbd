"""A whole file becomes a job."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import deadline
from resumable import protocol
from servicekit import about
from servicekit.amqp.broker import BrokerSettings
from servicekit.errors import UnavailableError
from servicekit.gridfs.read import MissingChunksError
from servicekit.http.errors import RefusedError
from servicekit.http.problem import Code
from servicekit.jobs.job import Job
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.options import Options
from servicekit.jobs.queues import queue_conversion
from servicekit.jobs.unfinished import Unfinished, UnfinishedUploads
from servicekit.tracing import spans
from upload import filename

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finisher:
    """Makes the job of an upload, by the same steps as that of any other."""

    uploads: UnfinishedUploads
    jobs: Jobs
    broker: BrokerSettings

    def finish(self, upload: Unfinished) -> Job:
        """The job of an upload that is whole; PyMongoError.

        It has the upload's id, so a client that had no answer and asks again finds the same one.
        RefusedError, and the upload is removed, when bytes of it are lost: its client begins anew.
        """
        try:
            job = self._create(upload)
        except MissingChunksError as error:
            self.uploads.remove(upload)
            raise RefusedError(
                "What had come of the upload is lost", 410, Code.UPLOAD_LOST
            ) from error
        self.uploads.forget(upload.id)
        self._queue(job)
        return job

    def _create(self, upload: Unfinished) -> Job:
        given = protocol.metadata(upload.metadata)
        name = file_name(given)
        self.jobs.create_indexes()
        with self.uploads.whole(upload) as video:
            return self.jobs.create(
                video,
                name,
                filename.content_type(given.get("filetype", given.get("type", "")), name),
                upload.username,
                Options.parse(given),
                request_id=about.request_id(),
                traceparent=spans.traceparent(),
            )

    def _queue(self, job: Job) -> None:
        """Publish the job's message. All bytes stay: without the broker it is announced later."""
        about.add(job_id=str(job.id))
        try:
            queue_conversion(deadline.current().within(self.broker), job)
        except UnavailableError as error:
            log.warning("To be announced later: %s", error)
        else:
            self.jobs.note_confirmed(job.id)


def file_name(metadata: Mapping[str, str]) -> str:
    """What the client calls the file, made fit; empty where nothing is left."""
    return filename.clean(metadata.get("filename", metadata.get("name", "")))
