"""Which tokens are over before their time: by a sign-out, or by another password.

Without auth's own database only what the users' table tells ends a token: that a user is gone, is
disabled, or has a new password in plain text.
"""

import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from operator import attrgetter
from threading import Lock
from typing import Any

from cachetools import TTLCache, cachedmethod

import passwords
from accounts import Accounts, key
from servicekit.errors import UnavailableError
from silence import Silence
from tokens import Claims, InvalidTokenError, Tokens
from users import User, Users

log = logging.getLogger(__name__)

CLOCKS = 60  # seconds by which the clocks of two replicas may differ
REMEMBERED = 0.5  # seconds; an end has to count on every replica within one
USERS = 10_000  # whose ends are remembered; 3 MB

_FIND = "SELECT ended, password FROM sessions WHERE account = %(account)s"
# Locks the row, whether it was there or not, until the transaction is over.
_LOCK = """
INSERT INTO sessions (account, ended, password) VALUES (%(account)s, 0, %(password)s)
ON DUPLICATE KEY UPDATE ended = ended
"""
_STORE = """
UPDATE sessions SET ended = %(ended)s, password = %(password)s WHERE account = %(account)s
"""


class Sessions:
    """From a login to its end. A token is over when it expires no later than its user's `ended`."""

    def __init__(
        self, users: Users, tokens: Tokens, accounts: Accounts | None, silence: Silence
    ) -> None:
        self._users = users
        self._tokens = tokens
        self._accounts = accounts
        self._silence = silence
        self._ends: TTLCache[str, int] = TTLCache(USERS, REMEMBERED)
        self._lock = Lock()

    def begin(self, before: User, user: User) -> str:
        """A token for `user`, who is stored as `before` said until this login.

        UnavailableError when MySQL does not answer.
        """
        if not self._accounts:
            return self._tokens.issue(user.email)
        with self._accounts.transaction() as cursor:
            ended, known = _locked(cursor, user)
            if known not in (_fingerprint(before.password), _fingerprint(user.password)):
                ended = self._end_of_all(ended)  # somebody changed the password
            if known != _fingerprint(user.password):
                _store(cursor, user, ended)
        return self._tokens.issue(user.email, after=ended)

    def claims(self, token: str) -> Claims:
        """What a `token` says that is not over now; raises InvalidTokenError.

        While MySQL does not answer, whoever is signed in stays so: the signature is good.
        """
        return self._claims(token, self._ended)

    def lately(self, token: str) -> Claims:
        """The same, as of REMEMBERED ago at the earliest: for who asks many times a second."""
        return self._claims(token, self._ended_lately)

    def _claims(self, token: str, ended_of: Callable[[str], int]) -> Claims:
        claims = self._tokens.claims(token)
        if self._silence.lasts():
            return claims
        try:
            with self._silence.noted():
                ended = ended_of(claims["username"])
        except UnavailableError as error:
            log.warning("Whether a session was ended is not known: %s", error)
            return claims
        if claims["exp"] <= ended:
            raise InvalidTokenError("the session was ended")
        return claims

    def end(self, user: User) -> None:
        """End every token of `user`; UnavailableError, and none is ended, when MySQL is away."""
        if self._accounts:
            with self._accounts.transaction() as cursor:
                ended, _ = _locked(cursor, user)
                _store(cursor, user, self._end_of_all(ended))
            with self._lock:
                self._ends.pop(user.email, None)

    def can_end(self) -> bool:
        """Whether there is a place to note an end in."""
        return self._accounts is not None

    @cachedmethod(attrgetter("_ends"), lambda _, username: username, attrgetter("_lock"))
    def _ended_lately(self, username: str) -> int:
        """Also right for a token that was issued meanwhile: it expires later. No error stays."""
        return self._ended(username)

    def _ended(self, username: str) -> int:
        """When the last of the user's tokens expires that were ended; InvalidTokenError if all."""
        user = self._users.find(username)
        if user is None or not passwords.is_hash(user.password):
            raise InvalidTokenError("the user is gone or disabled, or has a new password")
        if not self._accounts:
            return 0
        ended, known = self._accounts.row(_FIND, {"account": key(username)}) or (0, None)
        if known not in (None, _fingerprint(user.password)):
            raise InvalidTokenError("the user has a new password")
        return int(ended)

    def _end_of_all(self, ended: int) -> int:
        """When the last token expires that may have been issued until now.

        One that was issued since the session before ended at `ended` expires later than that.
        """
        return max(int(time.time()) + self._tokens.lifetime + CLOCKS, ended + 1)


def _locked(cursor: Any, user: User) -> tuple[int, bytes]:
    """What is kept of `user`, whose row stays locked until the transaction is over."""
    cursor.execute(_LOCK, _row(user))
    cursor.execute(_FIND, _row(user))
    ended, known = cursor.fetchone()
    return ended, known


def _store(cursor: Any, user: User, ended: int) -> None:
    cursor.execute(_STORE, _row(user) | {"ended": ended})


def _row(user: User) -> dict[str, object]:
    return {"account": key(user.email), "password": _fingerprint(user.password)}


def _fingerprint(stored: str) -> bytes:
    """By which a stored hash is known again; a plain text is not, for a digest would tell it."""
    if not passwords.is_hash(stored):
        return secrets.token_bytes(32)
    return hashlib.sha256(stored.encode()).digest()
