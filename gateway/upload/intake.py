"""How a job begins: its video stored, its message with the broker, both or nothing."""

from dataclasses import dataclass

from flask import Request
from pymongo.database import Database

from errors import RefusedError
from jobs.announcing import announce
from jobs.records import Records
from servicekit.amqp.broker import BrokerSettings
from servicekit.errors import UnavailableError
from servicekit.gridfs import delete as removal
from servicekit.gridfs.mongodb import Document
from settings import UploadSettings
from storage import util
from upload import body

MAX_KEY = 255  # characters
RETRY_WHEN_BUSY = 30  # seconds


@dataclass(frozen=True)
class Intake:
    """Takes uploads; what it returns will be converted."""

    videos: Database[Document]
    records: Records
    broker: BrokerSettings
    limits: UploadSettings

    def take(self, request: Request, username: str) -> Document:
        """Make a job of the request's body, or find the one that its idempotency key made.

        Raises RefusedError, PyMongoError and UnavailableError; then there is no new job.
        """
        key = _key(request)
        pieces = body.pieces(request, self.limits)
        self.records.create_indexes()
        if key and (job := self.records.find_by_key(key, username)):
            for _ in pieces:
                pass  # a client that is cut off while it sends may never see its answer
        else:
            self._check_in_flight(username)
            sent = util.Sent(username, request.headers.get("Content-Type", ""), pieces, key)
            job = util.upload(self.videos, sent)
        self._announce(job)
        return job

    def _check_in_flight(self, username: str) -> None:
        if self.records.in_flight(username) >= self.limits.max_in_flight:
            raise RefusedError("Too many jobs in flight", 429, RETRY_WHEN_BUSY)

    def _announce(self, job: Document) -> None:
        """Publish the job's message, unless another request with its key did; or take it back.

        Two such requests at once may both publish: a message twice does no harm, a job without
        one would wait for ever.
        """
        metadata = job["metadata"]
        if metadata.get("confirmed"):
            return
        try:
            announce(self.broker, job)
        except UnavailableError:
            removal.remove(self.videos, job["_id"], {"metadata.confirmed": {"$ne": True}})
            raise
        if "idempotency_key" in metadata and not self.records.confirm(job["_id"]):
            raise UnavailableError("a request with the same key took its job back")


def _key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (key.isprintable() and 0 < len(key) <= MAX_KEY):
        raise RefusedError(f"Idempotency-Key must have 1 to {MAX_KEY} printable characters")
    return key
