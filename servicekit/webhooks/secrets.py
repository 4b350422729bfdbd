"""What a user's webhooks are signed with; every method raises PyMongoError when MongoDB fails."""

from datetime import timedelta
from typing import Any, cast

from pymongo import ReturnDocument

from servicekit.gridfs.mongodb import JOURNALED, Client, Document
from servicekit.webhooks.signature import new_secret

# For so long the secret before signs too: a receiver has that time to learn the new one.
OVERLAP = timedelta(days=1)


class Secrets:
    """One for each user who ever needed one, whatever the number of their endpoints."""

    def __init__(self, client: Client) -> None:
        self._secrets = client["mp3s"]["webhook_secrets"].with_options(write_concern=JOURNALED)

    def of(self, username: str) -> str:
        """The user's, made now if there is none."""
        return str(self._kept(username)["secret"])

    def signing(self, username: str) -> list[str]:
        """The user's, and the one before for as long as it signs too."""
        kept = self._kept(username)
        return [kept["secret"], *kept["before"]]

    def replace(self, username: str) -> str:
        """Make a new one; the one before signs too for a day."""
        overlap = int(OVERLAP.total_seconds() * 1000)
        update: list[dict[str, Any]] = [
            {
                "$set": {
                    "previous": "$secret",
                    "ends": {"$add": ["$$NOW", overlap]},
                    "secret": {"$literal": new_secret()},
                }
            }
        ]
        return str(self._update(username, update, {"secret": 1})["secret"])

    def _kept(self, username: str) -> Document:
        """The user's secret, made if there is none, and in `before` the one that signs too."""
        lasts = {"$gt": ["$ends", "$$NOW"]}
        before = {"$cond": [{"$and": ["$previous", lasts]}, ["$previous"], []]}
        made = {"$setOnInsert": {"secret": new_secret()}}
        return self._update(username, made, {"secret": 1, "before": before})

    def _update(self, username: str, update: Any, fields: Document) -> Document:
        updated: Any = self._secrets.find_one_and_update(
            {"_id": username}, update, fields, upsert=True, return_document=ReturnDocument.AFTER
        )
        return cast(Document, updated)
