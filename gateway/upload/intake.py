"""How a job begins: its video stored, its message with the broker, both or nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Request

import deadline
from servicekit import about
from servicekit.amqp.broker import BrokerSettings
from servicekit.errors import UnavailableError
from servicekit.http.errors import LimitError, RefusedError
from servicekit.http.problem import Code
from servicekit.jobs.job import Job
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.options import Options, OptionsError
from servicekit.jobs.queues import queue_conversion
from servicekit.tracing import spans
from settings import UploadSettings
from upload import body, form
from upload.quota import Quota, exceeded

MAX_KEY = 255  # characters
RETRY_WHEN_BUSY_S = 30


@dataclass(frozen=True)
class Intake:
    """Takes uploads; what it returns will be converted."""

    jobs: Jobs
    broker: BrokerSettings
    limits: UploadSettings
    quota: Quota

    def take(self, request: Request, username: str) -> Job:
        """Make a job of the request's body, or find the one that its idempotency key made.

        Raises RefusedError, PyMongoError and UnavailableError; then there is no new job.
        """
        key = _key(request)
        self.jobs.create_indexes()
        if key and (job := self.jobs.find_by_key(key, username)):
            with deadline.current().paused():
                for _ in body.pieces(request, self.limits):
                    pass  # a client that is cut off while it sends may never see its answer
        else:
            check_in_flight(self.jobs.in_flight(username), self.limits)
            pieces = body.pieces(request, self.limits, self.quota.left(username))
            job = self._store(request.headers.get("Content-Type", ""), pieces, username, key)
        about.add(job_id=str(job.id))
        self._queue(job)
        return job

    def _store(
        self, content_type: str, pieces: Iterable[bytes], username: str, key: str | None
    ) -> Job:
        """Store the file of a multipart body as a queued job.

        Of two uploads with the same key at once, the second is dropped and gets the first's job.
        RefusedError when the client sent no good file, PyMongoError when it could not be stored;
        then nothing of it is left.
        """
        with self.jobs.open_video() as video:
            with deadline.current().paused():
                received = form.read(content_type, pieces, video.write)
            if not video.length:
                raise RefusedError("The file is empty", 400, Code.FILE_EMPTY)
            if video.length > self.quota.left(username):  # others have come meanwhile
                raise exceeded()
            options = parse_options(received.fields)
            return self.jobs.create(
                video,
                received.filename,
                received.content_type,
                username,
                options,
                key,
                about.request_id(),
                spans.traceparent(),
            )

    def _queue(self, job: Job) -> None:
        """Publish the job's message, unless another request with its key did; or take it back.

        Two such requests at once may both publish: a message twice does no harm, a job without
        one would wait for ever.
        """
        if job.confirmed:
            return
        try:
            queue_conversion(deadline.current().within(self.broker), job)
        except UnavailableError:
            self.jobs.withdraw(job.id)
            raise
        if not job.idempotency_key:
            self.jobs.note_confirmed(job.id)
        elif not self.jobs.confirm(job.id):
            raise UnavailableError("a request with the same key took its job back")


def check_in_flight(count: int, limits: UploadSettings) -> None:
    """LimitError, a 429, when a user has `count` jobs in flight, and that is all that may be."""
    if count >= limits.max_in_flight:
        retry = str(RETRY_WHEN_BUSY_S)
        code = Code.TOO_MANY_JOBS
        raise LimitError("max_in_flight", "Too many jobs in flight", 429, code, Retry_After=retry)


def parse_options(fields: Mapping[str, str]) -> Options:
    """What the client asks of the conversion; RefusedError for a bad option."""
    try:
        return Options.parse(fields)
    except OptionsError as error:
        raise RefusedError(str(error), 400, Code.BAD_OPTION) from error


def _key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (key.isprintable() and 0 < len(key) <= MAX_KEY):
        raise RefusedError(f"Idempotency-Key must have 1 to {MAX_KEY} printable characters")
    return key
