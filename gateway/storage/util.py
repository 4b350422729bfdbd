"""GridFS as the gateway reads it."""

from collections.abc import Iterator
from dataclasses import dataclass

from pymongo.database import Database

from servicekit.gridfs.file import GridFile
from servicekit.gridfs.mongodb import Document
from servicekit.gridfs.read import read
from servicekit.metrics import gateway as metrics


@dataclass(frozen=True)
class Reader:
    """Reads the files of one database."""

    database: Database[Document]

    def read(self, file: GridFile, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `stop`; PyMongoError, see `read`."""
        for piece in read(self.database, file, start, stop):
            metrics.DOWNLOAD_BYTES.inc(len(piece))
            yield piece
