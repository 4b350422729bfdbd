"""When a user last revoked all links; every method raises PyMongoError when MongoDB fails."""

from datetime import UTC, datetime

from servicekit.gridfs.mongodb import JOURNALED, Client
from servicekit.links.signed import Link


class Revocations:
    """One moment for each user who ever did so; the key of their feed is beside it."""

    def __init__(self, client: Client) -> None:
        self._links = client["mp3s"]["links"].with_options(write_concern=JOURNALED)

    def revoke(self, username: str) -> None:
        """End every link to the user's MP3s that was made until now, and the user's feed."""
        now = {"$max": {"revoked": datetime.now(UTC)}, "$unset": {"feed": ""}}
        self._links.update_one({"_id": username}, now, upsert=True)

    def last(self, username: str) -> datetime | None:
        """The moment, in whole milliseconds; None when there was none."""
        document = self._links.find_one({"_id": username})
        return document.get("revoked") if document else None

    def holds(self, link: Link, username: str) -> bool:
        """Whether the link to an MP3 of this user's is one of those that were ended."""
        revoked = self.last(username)
        return revoked is not None and link.made <= revoked
