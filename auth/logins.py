"""Who may log in: all that stands between a typed password and the stored one."""

import logging
import time
from typing import NamedTuple

import passwords
from servicekit.errors import UnavailableError
from servicekit.http.errors import LimitError, RefusedError, unauthorized
from servicekit.http.places import Places
from servicekit.metrics.logins import LOGINS
from servicekit.metrics.outcome import counted
from throttle import Throttle, TooManyError
from users import User, Users

log = logging.getLogger(__name__)

_BAD = {LimitError: "limited", RefusedError: "wrong", UnavailableError: "unavailable"}


class Login(NamedTuple):
    """A user whose password was right, as stored before and after it was."""

    before: User
    user: User


class Logins:
    """Checks names and passwords; without a `throttle`, wrong ones do not count.

    A wrong password is answered `failure_time` seconds after it came, whatever is stored. Logins
    have places of their own: those that wait, for a hash or that time, keep nothing else waiting.
    """

    def __init__(
        self, users: Users, throttle: Throttle | None, places: Places, failure_time: float
    ) -> None:
        self._users = users
        self._throttle = throttle
        self._places = places
        self._failure_time = failure_time

    def check(self, username: str, password: str, source: str) -> Login:
        """The user, when the password is right.

        RefusedError: 401 when it is wrong, 429 after too many wrong ones, 503 when there is no
        place for its source. UnavailableError when MySQL does not answer.
        """
        with counted(LOGINS, "right", _BAD), self._places.take(source, "login_places"):
            return self._try(username, password, source)

    def _try(self, username: str, password: str, source: str) -> Login:
        ends = time.monotonic() + self._failure_time
        self._count(username, source)
        login = self._find(username, password)
        if login is None:
            log.info("Wrong password from %s", source)
            time.sleep(max(0.0, ends - time.monotonic()))
            raise unauthorized("Basic")
        self._forgive(username, source)
        return login

    def _count(self, username: str, source: str) -> None:
        if not self._throttle:
            return
        try:
            self._throttle.count(username, source)
        except TooManyError as error:
            log.warning("Too many wrong passwords: a login from %s is refused: %s", source, error)
            wait = str(error.seconds)
            raise LimitError("login_limit", "Too Many Requests", 429, Retry_After=wait) from error

    def _forgive(self, username: str, source: str) -> None:
        """A login that is right goes well even when MySQL ends just now."""
        if not self._throttle:
            return
        try:
            self._throttle.forgive(username, source)
        except UnavailableError as error:
            log.warning("Could not take back the count of a login: %s", error)

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
