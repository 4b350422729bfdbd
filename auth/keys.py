"""API keys, by which a user's programs sign in: v2m_<id>_<secret>, of which a hash is kept."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import passwords
from accounts import Accounts
from servicekit.errors import UnavailableError
from silence import Silence
from tokens import InvalidTokenError, Named
from users import User, Users

PREFIX = "v2m_"
MAX_KEYS = 100  # of one user
_KEY = re.compile(r"v2m_([0-9a-f]{12})_([0-9a-f]{64})", re.ASCII)

# `used` is written once a minute at most: every request would be a write otherwise.
_FIND = """
SELECT secret, user, used IS NULL OR used < UTC_TIMESTAMP() - INTERVAL 1 MINUTE FROM api_keys
WHERE id = %(id)s AND (expires IS NULL OR expires > UTC_TIMESTAMP())
"""
_USE = "UPDATE api_keys SET used = UTC_TIMESTAMP() WHERE id = %(id)s"
_COUNT = "SELECT COUNT(*) FROM api_keys WHERE user = %(user)s"
_ADD = """
INSERT INTO api_keys (id, secret, user, name, created, expires)
VALUES (%(id)s, %(secret)s, %(user)s, %(name)s, UTC_TIMESTAMP(),
        UTC_TIMESTAMP() + INTERVAL %(lifetime)s SECOND)
"""
_SHOW = """
SELECT id, name, created, expires, used FROM api_keys WHERE user = %(user)s ORDER BY created, id
"""
_REMOVE = "DELETE FROM api_keys WHERE user = %(user)s AND id = %(id)s"


class TooManyKeysError(Exception):
    """The user has as many as anybody may have."""


@dataclass(frozen=True)
class Key:
    """What is known of a key; one that `expires` never has no end."""

    id: str
    name: str
    created: datetime
    expires: datetime | None
    used: datetime | None

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> "Key":
        """As `_SHOW` finds it."""
        key_id, name, *moments = row
        return cls(key_id, name, *(moment and moment.replace(tzinfo=UTC) for moment in moments))

    def shown(self) -> dict[str, str | None]:
        """For its user, with the moments as texts."""
        moments = {"created": self.created, "expires": self.expires, "used": self.used}
        return {"id": self.id, "name": self.name} | {
            name: moment.isoformat() if moment else None for name, moment in moments.items()
        }


class Keys:
    """Those of all users; every method raises UnavailableError when MySQL does not answer.

    They belong to a row of the users' table: who gets the same address later is somebody else.
    """

    def __init__(self, users: Users, accounts: Accounts, silence: Silence) -> None:
        self._users = users
        self._accounts = accounts
        self._silence = silence

    def named(self, sent: str) -> Named:
        """Whose key it is; InvalidTokenError when it is none, has ended or its user is disabled."""
        match = _KEY.fullmatch(sent)
        if not match:
            raise InvalidTokenError("no API key")
        if self._silence.lasts():
            raise UnavailableError("MySQL keeps silent")
        with self._silence.noted():
            return self._named(*match.groups())

    def _named(self, key_id: str, secret: str) -> Named:
        key = {"id": key_id}
        row = self._accounts.row(_FIND, key)
        if row is None or not hmac.compare_digest(row[0], _hash(secret)):
            raise InvalidTokenError("no such API key")
        user = self._users.find_by_id(row[1])
        if user is None or passwords.is_disabled(user.password):
            raise InvalidTokenError("the user of the API key is gone or disabled")
        if row[2]:
            with self._accounts.transaction() as cursor:
                cursor.execute(_USE, key)
        return Named(username=user.email)

    def make(self, user: User, name: str, lifetime: int | None) -> tuple[str, Key]:
        """A new key, whole for this once, and what is known of it; TooManyKeysError.

        `lifetime` is in seconds; without it the key has no end.
        """
        key_id, secret = secrets.token_hex(6), secrets.token_hex(32)
        values = {"user": user.id, "id": key_id, "secret": _hash(secret)}
        with self._accounts.transaction() as cursor:
            cursor.execute(_COUNT, values)
            if cursor.fetchone()[0] >= MAX_KEYS:
                raise TooManyKeysError
            cursor.execute(_ADD, values | {"name": name, "lifetime": lifetime})
        (made,) = (key for key in self.of(user) if key.id == key_id)
        return f"{PREFIX}{key_id}_{secret}", made

    def of(self, user: User) -> list[Key]:
        """The user's, oldest first, also those that have ended."""
        with self._accounts.transaction() as cursor:
            cursor.execute(_SHOW, {"user": user.id})
            return [Key.from_row(row) for row in cursor.fetchall()]

    def revoke(self, user: User, key_id: str) -> bool:
        """End a key of the user's; False when there is none of this id."""
        with self._accounts.transaction() as cursor:
            removed: int = cursor.execute(_REMOVE, {"user": user.id, "id": key_id})
        return removed > 0


def _hash(secret: str) -> bytes:
    """Enough for a secret of 256 random bits, which nobody finds by trying."""
    return hashlib.sha256(secret.encode()).digest()
