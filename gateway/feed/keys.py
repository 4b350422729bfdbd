"""What opens the users' feeds; every method raises PyMongoError when MongoDB fails."""

import hashlib
import secrets
from datetime import UTC, datetime

from pymongo import ASCENDING

from servicekit.gridfs.mongodb import JOURNALED, Client

_BYTES = 32  # of a key: nobody guesses 256 bits, and a plain hash hides them


class FeedKeys:
    """One for each user who wants a feed; only its hash is kept.

    It is beside the moment at which the user ended all links, which takes it away: see
    `links.revocations`.
    """

    def __init__(self, client: Client) -> None:
        self._links = client["mp3s"]["links"].with_options(write_concern=JOURNALED)

    def replace(self, username: str) -> str:
        """A new key, told this once; the one before opens nothing any more."""
        self._links.create_index([("feed.key", ASCENDING)], unique=True, sparse=True)
        key = secrets.token_urlsafe(_BYTES)
        feed = {"key": _hash(key), "made": datetime.now(UTC)}
        self._links.update_one({"_id": username}, {"$set": {"feed": feed}}, upsert=True)
        return key

    def made(self, username: str) -> datetime | None:
        """When the user's key was made; None when there is none."""
        document = self._links.find_one({"_id": username, "feed": {"$exists": True}})
        return document["feed"]["made"] if document else None

    def end(self, username: str) -> None:
        """The user's opens nothing any more."""
        self._links.update_one({"_id": username}, {"$unset": {"feed": ""}})

    def user(self, key: str) -> str | None:
        """Whose it is; None when it is nobody's, or nobody's any more."""
        document = self._links.find_one({"feed.key": _hash(key)}, {"_id": 1})
        return document["_id"] if document else None


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
