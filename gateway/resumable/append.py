"""A part of a file comes in, and what of it stays."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask import Request
from pymongo.errors import OperationFailure

import deadline
from resumable.protocol import Checksum, conflict
from servicekit.gridfs.append import AppendStream
from servicekit.http.errors import RefusedError
from servicekit.jobs.unfinished import Unfinished, UnfinishedUploads
from settings import UploadSettings
from upload import body

SAVE_EVERY = 2 * 2**20  # bytes: as many at most, and what is on its way, are sent again
PIECE = 64 * 1024  # bytes: a link that lasts for no more than these still gets a file through
DUPLICATE_KEY = 11000  # MongoDB's own code


@dataclass(frozen=True)
class Appender:
    """Takes the parts of uploads; what it returns stays."""

    uploads: UnfinishedUploads
    limits: UploadSettings

    def append(self, request: Request, upload: Unfinished) -> Unfinished:
        """The upload with the request's body after it; PyMongoError.

        RefusedError when the client breaks off, what came until then stays; or when it sends too
        much, or something else than its checksum says, or somebody else sends the same upload.
        """
        checksum = Checksum(request)
        rest = replace(self.limits, max_bytes=upload.length - upload.offset)
        pieces = body.pieces(request, rest, size=PIECE)
        taken = self.uploads.take(upload)
        if taken is None:
            raise conflict()
        try:
            with self.uploads.stream(taken) as stream:
                stream.write(taken.tail)
                with deadline.current().paused():
                    self._receive(taken, stream, pieces, checksum)
                return self._save(taken, stream)
        except OperationFailure as error:
            if error.code == DUPLICATE_KEY:  # a request that was given up had bytes on their way
                raise conflict() from error
            raise

    def _receive(
        self, upload: Unfinished, stream: AppendStream, pieces: Iterable[bytes], checksum: Checksum
    ) -> None:
        saved = stream.length
        try:
            for piece in pieces:
                checksum.update(piece)
                stream.write(piece)
                if stream.length - saved >= SAVE_EVERY and not checksum.is_given:
                    self._save(upload, stream)
                    saved = stream.length
        except RefusedError:
            if not checksum.is_given:
                self._save(upload, stream)
            raise
        checksum.check()

    def _save(self, upload: Unfinished, stream: AppendStream) -> Unfinished:
        saved = self.uploads.save(upload, *stream.settle())
        if saved is None:
            raise conflict()
        return saved
