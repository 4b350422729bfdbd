"""Webhooks on their way; every method raises PyMongoError when MongoDB fails.

One document each, which outlasts every process: who sends it takes it for a while, by moving its
date, and notes what came of it. One whose sender dies is due again when that while is over.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from servicekit.gridfs.mongodb import JOURNALED, Client, Document

LEASE = timedelta(minutes=1)  # four times what an attempt may take by default
KEPT = timedelta(days=30)  # once it has ended
_INDEXES = [
    IndexModel([("state", ASCENDING), ("due", ASCENDING)]),
    IndexModel([("sending", ASCENDING)], sparse=True, unique=True),
    IndexModel([("endpoint", ASCENDING)], sparse=True),
    IndexModel([("ended", ASCENDING)], expireAfterSeconds=int(KEPT.total_seconds())),
]
_NOW = "$$NOW"  # MongoDB's clock: the senders' own may differ
_AT_ONCE = datetime.fromtimestamp(0, UTC)


class State(StrEnum):
    """What becomes of a delivery; a dead one may be replayed."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True)
class Delivery:
    """One webhook to one address, in its attempt number `attempts`.

    `endpoint` is None for a webhook that was asked for with an upload.
    """

    id: str
    username: str
    job_id: str
    url: str
    endpoint: ObjectId | None
    body: str
    attempts: int
    outcome: str | None

    @classmethod
    def from_document(cls, document: Document) -> Self:
        """The delivery of a document."""
        fields = ("username", "job_id", "url", "endpoint", "body", "attempts")
        return cls(
            id=document["_id"],
            outcome=document.get("outcome"),
            **{name: document[name] for name in fields},
        )


def webhook_id(job_id: ObjectId, retries: int, target: str) -> str:
    """The same in every attempt, and however often the end of this try of the job is announced."""
    name = f"{job_id}/{retries}/{target}"
    return "msg_" + hashlib.sha256(name.encode()).hexdigest()[:32]


class Deliveries:
    """All of them."""

    def __init__(self, client: Client) -> None:
        collection = client["mp3s"]["webhook_deliveries"]
        self._deliveries = collection.with_options(write_concern=JOURNALED)

    def add(self, delivery: Delivery) -> None:
        """Have it sent from now on, unless it was added before."""
        self._deliveries.create_indexes(_INDEXES)
        fields = {name: value for name, value in vars(delivery).items() if name != "id"}
        document = fields | {"state": State.PENDING, "due": _AT_ONCE}
        self._deliveries.update_one({"_id": delivery.id}, {"$setOnInsert": document}, upsert=True)

    def claim(self) -> Delivery | None:
        """Take the one that is due longest, of a user for whom nobody sends one now.

        So the slow receivers of one user hold up nobody else's; of two senders at once, the index
        of `sending` lets one have that user.
        """
        while True:
            try:
                return self._claim()
            except DuplicateKeyError:
                continue  # another sender has taken one of that user's meanwhile

    def _claim(self) -> Delivery | None:
        under_way = {"sending": {"$exists": True}, "$expr": {"$gt": ["$due", _NOW]}}
        busy = [one["username"] for one in self._deliveries.find(under_way, {"username": 1})]
        due = {
            "state": State.PENDING,
            "username": {"$nin": busy},
            "$expr": {"$lte": ["$due", _NOW]},
        }
        taken = {
            "due": _after(LEASE),
            "sending": "$username",
            "attempts": {"$add": ["$attempts", 1]},
        }
        document = self._deliveries.find_one_and_update(
            due,
            [{"$set": taken}],
            # First what a sender died of: nothing else of that user's can be sent beside it.
            sort=[("sending", DESCENDING), ("due", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        return Delivery.from_document(document) if document else None

    def delivered(self, delivery: Delivery, outcome: str) -> None:
        """Its receiver has it."""
        self._end(delivery, State.DELIVERED, outcome)

    def give_up(self, delivery: Delivery, outcome: str) -> None:
        """It is dead, until it is replayed."""
        self._end(delivery, State.DEAD, outcome)

    def postpone(self, delivery: Delivery, seconds: float, outcome: str) -> None:
        """Have it sent once more in so many seconds."""
        due = _after(timedelta(seconds=seconds))
        self._note(delivery, {"due": due, "outcome": {"$literal": outcome}})

    def end_all(self, endpoint: ObjectId, outcome: str) -> None:
        """Nothing is sent to this endpoint any more."""
        which = {"endpoint": endpoint, "state": State.PENDING}
        ended = _ended(State.DEAD, outcome) | {"sending": "$$REMOVE"}
        self._deliveries.update_many(which, [{"$set": ended}])

    def dead(self, **which: str) -> list[Delivery]:
        """Those that were given up, of this username or id, the oldest first."""
        found = self._deliveries.find(_dead(which)).sort("ended", ASCENDING)
        return [Delivery.from_document(document) for document in found]

    def replay(self, **which: str) -> int:
        """Have dead ones, of this username or id, sent again from now on; how many they are."""
        again = {"state": State.PENDING, "due": _NOW, "attempts": 0, "ended": "$$REMOVE"}
        return self._deliveries.update_many(_dead(which), [{"$set": again}]).modified_count

    def _end(self, delivery: Delivery, state: State, outcome: str) -> None:
        self._note(delivery, _ended(state, outcome))

    def _note(self, delivery: Delivery, fields: Document) -> None:
        """Unless somebody else has taken it since, or ended it."""
        whose = {
            "_id": delivery.id,
            "sending": delivery.username,
            "attempts": delivery.attempts,
        }
        self._deliveries.update_one(whose, [{"$set": fields | {"sending": "$$REMOVE"}}])


def _ended(state: State, outcome: str) -> Document:
    return {"state": state, "ended": _NOW, "outcome": {"$literal": outcome}}


def _after(wait: timedelta) -> dict[str, Any]:
    return {"$add": [_NOW, int(wait.total_seconds() * 1000)]}


def _dead(which: dict[str, str]) -> Document:
    names = {"username": "username", "webhook_id": "_id"}
    return {"state": State.DEAD} | {names[name]: value for name, value in which.items()}
