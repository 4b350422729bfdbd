"""How the services reach MongoDB, and which of its errors mean that it is down."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pymongo
from pymongo import MongoClient, WriteConcern
from pymongo.errors import ConnectionFailure, ExecutionTimeout, OperationFailure, PyMongoError

from servicekit.errors import UnavailableError
from servicekit.settings import Env

Document = dict[str, Any]
Client = MongoClient[Document]

# An acknowledged write survives a server that is killed, and the loss of a primary.
JOURNALED = WriteConcern(w="majority", j=True)

# MongoDB's error_codes.yml: UnknownError is what the storage engine reports, "28: No space left on
# device" for one; OutOfDiskSpace is what the server itself finds.
_SERVER_FAILED = (8, 14031)


@dataclass(frozen=True)
class MongoSettings:
    """Where MongoDB is, and how many seconds one operation may take with all its retries."""

    uri: str = field(repr=False)
    timeout: float

    @classmethod
    def read(cls, env: Env) -> "MongoSettings":
        """Read `MONGODB_URI` and `MONGODB_TIMEOUT`; problems are left with `env`."""
        return cls(
            uri=env.url("MONGODB_URI", "mongodb://localhost:27017", ("mongodb", "mongodb+srv")),
            timeout=env.seconds("MONGODB_TIMEOUT", 5, 0.1, 60),
        )


def connect(settings: MongoSettings) -> Client:
    """A client that connects at its first operation; every operation is bounded by the timeout."""
    return MongoClient(
        settings.uri,
        timeoutMS=int(settings.timeout * 1000),
        serverSelectionTimeoutMS=int(settings.timeout * 1000),
        connectTimeoutMS=int(settings.timeout * 1000),
        tz_aware=True,
    )


@contextmanager
def together(seconds: float) -> Iterator[None]:
    """Inside, all operations together are bounded by `seconds`, each one by its timeout as ever.

    An inner `pymongo.timeout` never extends the outer one, and None leaves each operation the
    client's own.
    """
    with pymongo.timeout(seconds), pymongo.timeout(None):
        yield


def ping(client: Client) -> None:
    """Raise PyMongoError when MongoDB does not answer."""
    client.admin.command("ping")


def is_down(error: PyMongoError) -> bool:
    """Whether the server could not do its work, as opposed to refusing this very operation."""
    if isinstance(error, OperationFailure) and not isinstance(error, ExecutionTimeout):
        return error.code in _SERVER_FAILED or error.timeout
    return isinstance(error, ConnectionFailure) or error.timeout


@contextmanager
def outage_is_unavailable() -> Iterator[None]:
    """Inside, a PyMongoError that means "the server is down" is raised as UnavailableError."""
    try:
        yield
    except PyMongoError as error:
        if not is_down(error):
            raise
        raise UnavailableError(f"MongoDB: {type(error).__name__}: {error}") from error
