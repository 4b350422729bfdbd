"""Signed links: whoever has one gets its MP3s, until it ends or its user revokes it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bson import ObjectId
from itsdangerous import BadData, URLSafeSerializer

from servicekit.links.settings import LinkSettings
from servicekit.milliseconds import MILLISECOND, moment_of, since_1970

_ID = 24  # hexadecimal digits of an id


class BadLinkError(Exception):
    """The service has made no such link."""


@dataclass(frozen=True)
class Link:
    """A link to MP3s of one user; its moments are whole milliseconds, by its maker's clock."""

    mp3_ids: tuple[ObjectId, ...]
    made: datetime
    expires: datetime

    @property
    def is_over(self) -> bool:
        """Whether it has ended, by this machine's clock."""
        return self.expires <= datetime.now(UTC)


class Signer:
    """Makes links and reads them; the secret before the one of now is good for reading."""

    def __init__(self, settings: LinkSettings) -> None:
        self._settings = settings
        secrets = filter(None, (settings.previous_secret, settings.secret))  # the last one signs
        self._serializer = URLSafeSerializer(
            list(secrets),
            salt="link",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def make(
        self,
        mp3_ids: Sequence[ObjectId],
        seconds: int | None = None,
        after: datetime | None = None,
    ) -> Link:
        """A link that lasts `seconds` from now, `LINK_LIFETIME` where none are given.

        It ends with the days for which its oldest MP3 is kept, and counts as made after `after`,
        whatever the clock says.
        """
        now = moment_of(since_1970(datetime.now(UTC)))
        made = max(now, after + MILLISECOND) if after else now
        expires = now + timedelta(seconds=seconds or self._settings.lifetime)
        if days := self._settings.mp3_days:
            oldest = min(mp3_id.generation_time for mp3_id in mp3_ids)
            expires = min(expires, oldest + timedelta(days=days))
        return Link(tuple(mp3_ids), made, expires)

    def path(self, link: Link) -> str:
        """Its path at the gateway; with 400 MP3s less than 7 kB, as their ids are compressed."""
        ids = "".join(map(str, link.mp3_ids))
        fields = ids, since_1970(link.made), since_1970(link.expires)
        return f"/links/{self._serializer.dumps(fields)}"

    def url(self, link: Link) -> str:
        """The same as a whole address, for a mail or a script."""
        return self._settings.public_url + self.path(link)

    def read(self, signed: str) -> Link:
        """The link that ends so; BadLinkError when its signature is not ours."""
        try:
            ids, made, expires = self._serializer.loads(signed)
        except BadData as error:
            raise BadLinkError("the signature is not ours") from error
        mp3_ids = (ObjectId(ids[n : n + _ID]) for n in range(0, len(ids), _ID))
        return Link(tuple(mp3_ids), moment_of(made), moment_of(expires))
