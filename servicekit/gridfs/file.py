"""A GridFS file, as its document in `fs.files` describes it."""

from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo import ASCENDING
from pymongo.database import Database

from servicekit.gridfs.mongodb import Document

CHUNK_SIZE = 255 * 1024  # bytes; GridFS's default, and the tutorial's


def create_indexes(database: Database[Document]) -> None:
    """Those of the specification of GridFS, where they are not there; PyMongoError."""
    database["fs.files"].create_index([("filename", ASCENDING), ("uploadDate", ASCENDING)])
    database["fs.chunks"].create_index([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)


@dataclass(frozen=True)
class GridFile:
    """A stored file; `length` and `chunk_size` are in bytes."""

    id: ObjectId
    filename: str
    length: int
    chunk_size: int
    uploaded: datetime

    @classmethod
    def from_document(cls, document: Document) -> "GridFile":
        """The file that `document` describes; what an operator left out has a default."""
        file_id: ObjectId = document["_id"]
        return cls(
            id=file_id,
            filename=str(document.get("filename") or file_id),
            length=int(document.get("length", 0)),
            chunk_size=int(document.get("chunkSize", CHUNK_SIZE)),
            uploaded=document.get("uploadDate") or file_id.generation_time,
        )
