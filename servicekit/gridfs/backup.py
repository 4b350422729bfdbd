"""Collections of MongoDB as files of BSON, which is also what mongodump writes, and back.

backup.sh and restore.sh run it in the service that may read and write the database.
"""

import argparse
import math
import os
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

import bson
import pymongo
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import PyMongoError

from servicekit.gridfs.delete import ids_in_chunks
from servicekit.gridfs.file import create_indexes
from servicekit.gridfs.mongodb import JOURNALED, Document, MongoSettings, connect, ping
from servicekit.settings import Env

PING_TIMEOUT = 10.0  # seconds; what comes after it may take longer
TIMEOUT = "60"  # seconds for one operation: nobody waits for an answer
BATCH = 16  # documents in one write: 4 MB of chunks
DATABASES = ("videos", "mp3s")
COLLECTIONS = ("fs.files", "fs.chunks", "links", "webhook_endpoints", "webhook_secrets")


def dump(database: Database[Document], collection: str, target: BinaryIO) -> None:
    """Write every document as it is, and their bytes to standard error; PyMongoError."""
    # They are bytes, whatever the type of the method says.
    batches: Iterator[Any] = database[collection].find_raw_batches()
    written = sum(target.write(batch) for batch in batches)
    target.flush()
    sys.stderr.write(f"{written}\n")


def load(database: Database[Document], collection: str, source: BinaryIO) -> None:
    """Insert what `dump` wrote, the chunks before the files; PyMongoError."""
    documents = bson.decode_file_iter(source)
    if collection == "fs.files":
        documents = _files(database, documents)
    elif collection == "fs.chunks":
        create_indexes(database)  # without them each file would be looked for in all chunks
        documents = _chunks(documents)
    target = database[collection].with_options(write_concern=JOURNALED)
    while batch := list(islice(documents, BATCH)):
        target.insert_many(batch)


def clear(database: Database[Document], collection: str) -> None:
    """Remove all; of files the document first, so that nobody sees one without its bytes."""
    database[collection].delete_many({})
    if collection == "fs.files":
        for file_id in ids_in_chunks(database):
            database["fs.chunks"].delete_many({"files_id": file_id})


def _chunks(documents: Iterator[Document]) -> Iterator[Document]:
    """With new ids: the sweeper takes chunks without a file that look old for left behind."""
    for document in documents:
        yield document | {"_id": ObjectId()}


def _files(database: Database[Document], documents: Iterator[Document]) -> Iterator[Document]:
    """Without those that were deleted between the dumps of their document and of their bytes."""
    for document in documents:
        if _is_whole(database, document):
            yield document
        else:
            name = f"{database.name} {document['_id']}"
            sys.stderr.write(f"Left out, as it was deleted during the backup: {name}\n")


def _is_whole(database: Database[Document], document: Document) -> bool:
    if (document.get("metadata") or {}).get("removed"):
        return True  # for its age; the document stays, to say when
    chunks = math.ceil(document["length"] / document["chunkSize"])
    found = database["fs.chunks"].count_documents({"files_id": document["_id"]})
    return bool(found >= chunks)


def main() -> None:
    """Exit code 1: MongoDB did not answer, or refused."""
    parser = argparse.ArgumentParser(prog="python -m servicekit.gridfs.backup", description=__doc__)
    parser.add_argument("action", choices=("dump", "load", "clear"))
    parser.add_argument("database", choices=DATABASES)
    parser.add_argument("collection", choices=COLLECTIONS, nargs="?", default="fs.files")
    options = parser.parse_args()
    settings = MongoSettings.read(Env(os.environ | {"MONGODB_TIMEOUT": TIMEOUT}))
    try:
        with connect(settings) as client:
            with pymongo.timeout(PING_TIMEOUT):
                ping(client)
            database = client[options.database]
            match options.action:
                case "dump":
                    dump(database, options.collection, sys.stdout.buffer)
                case "load":
                    load(database, options.collection, sys.stdin.buffer)
                case _:
                    clear(database, options.collection)
    except PyMongoError as error:
        sys.exit(f"MongoDB: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
