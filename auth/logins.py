"""Who may log in: all that stands between a typed password and the stored one."""

import logging
import time
from typing import NamedTuple

import passwords
from guard import Guard
from servicekit.errors import UnavailableError
from servicekit.http.errors import LimitError, RefusedError, unauthorized
from servicekit.metrics.logins import LOGINS
from servicekit.metrics.outcome import counted
from users import User, Users

log = logging.getLogger(__name__)

_BAD = {LimitError: "limited", RefusedError: "wrong", UnavailableError: "unavailable"}


class Login(NamedTuple):
    """A user whose password was right, as stored before and after it was."""

    before: User
    user: User


class Logins:
    """Checks names and passwords. A wrong one takes the same time whatever is stored."""

    def __init__(self, users: Users, guard: Guard) -> None:
        self._users = users
        self._guard = guard

    def check(self, username: str, password: str, source: str) -> Login:
        """The user, when the password is right.

        RefusedError: 401 when it is wrong, 429 after too many wrong ones, 503 when there is no
        place for its source. UnavailableError when MySQL does not answer.
        """
        with counted(LOGINS, "right", _BAD), self._guard.place(source):
            return self._try(username, password, source)

    def _try(self, username: str, password: str, source: str) -> Login:
        began = time.monotonic()
        self._guard.count(username, source)
        login = self._find(username, password)
        if login is None:
            log.info("Wrong password from %s", source)
            self._guard.wait(began)
            raise unauthorized("Basic")
        self._guard.forgive(username, source)
        return login

    def _find(self, username: str, password: str) -> Login | None:
        """The user of this password; replaces what it is stored as when that is out of date."""
        user = self._users.find(username)
        if not passwords.matches(password, user.password if user else None) or user is None:
            return None
        if better := passwords.upgrade(password, user.password):
            try:
                self._users.replace_password(user, better)
            except UnavailableError as error:
                log.warning("Could not store the new hash of a password: %s", error)
            # Of two logins at once only one stores its hash.
            return Login(user, self._users.find(username) or user)
        return Login(user, user)
