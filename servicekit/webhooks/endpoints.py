"""Where a user wants all webhooks to go; every method raises PyMongoError when MongoDB fails."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from bson import ObjectId
from bson.errors import InvalidId
from pymongo import ASCENDING

from servicekit.gridfs.mongodb import JOURNALED, Client, Document

MAX_ENDPOINTS = 10  # of one user


@dataclass(frozen=True)
class Endpoint:
    """An address that gets each of its user's webhooks, until it answers that it is gone.

    `outcome` is how the last attempt ended, as the status or a reason, and `attempted` when.
    """

    id: ObjectId
    username: str
    url: str
    disabled: datetime | None
    outcome: str | None
    attempted: datetime | None

    @classmethod
    def from_document(cls, document: Document) -> Self:
        """The endpoint of a document."""
        return cls(
            id=document["_id"],
            username=document["username"],
            url=document["url"],
            disabled=document.get("disabled"),
            outcome=document.get("outcome"),
            attempted=document.get("attempted"),
        )


class Endpoints:
    """All users'."""

    def __init__(self, client: Client) -> None:
        self._endpoints = client["mp3s"]["webhook_endpoints"].with_options(write_concern=JOURNALED)

    def of(self, username: str) -> list[Endpoint]:
        """The user's, the oldest first."""
        found = self._endpoints.find({"username": username}).sort("_id", ASCENDING)
        return [Endpoint.from_document(document) for document in found]

    def add(self, username: str, url: str) -> Endpoint:
        """A new one; the one that is there already where the user has this URL, enabled again."""
        self._endpoints.create_index([("username", ASCENDING), ("url", ASCENDING)], unique=True)
        which = {"username": username, "url": url}
        self._endpoints.update_one(which, {"$unset": {"disabled": ""}}, upsert=True)
        found = self._endpoints.find_one(which)
        return Endpoint.from_document(found or {"_id": ObjectId(), **which})

    def remove(self, endpoint_id: str, username: str) -> ObjectId | None:
        """Remove the user's endpoint of this id and return its id; None when there is none."""
        try:
            found = ObjectId(endpoint_id)
        except InvalidId:
            return None
        removed = self._endpoints.delete_one({"_id": found, "username": username})
        return found if removed.deleted_count else None

    def takes(self, endpoint_id: ObjectId) -> bool:
        """Whether it is there and enabled."""
        enabled = {"_id": endpoint_id, "disabled": None}
        return self._endpoints.find_one(enabled, {"_id": 1}) is not None

    def note(self, endpoint_id: ObjectId, outcome: str, *, gone: bool = False) -> None:
        """How an attempt ended; one that is gone gets nothing any more."""
        now = datetime.now(UTC)
        fields = {"outcome": outcome, "attempted": now} | ({"disabled": now} if gone else {})
        self._endpoints.update_one({"_id": endpoint_id}, {"$set": fields})
