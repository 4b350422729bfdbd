"""What stands between strangers and the accounts: few places, a count, and one time for all."""

import logging
import time
from contextlib import AbstractContextManager

from servicekit.errors import UnavailableError
from servicekit.http.errors import LimitError
from servicekit.http.places import Places
from throttle import Throttle, TooManyError

log = logging.getLogger(__name__)


class Guard:
    """Counts attempts, where there is a `throttle`.

    Those that wait, for a hash or for the time that an answer takes, have places of their own: they
    keep nothing else waiting. `failure_time`, in seconds, is what an answer takes that must not
    tell by its time what is stored.
    """

    def __init__(self, throttle: Throttle | None, places: Places, failure_time: float) -> None:
        self._throttle = throttle
        self._places = places
        self._failure_time = failure_time

    def place(self, source: str) -> AbstractContextManager[object]:
        """A place for an attempt from this source; a LimitError, a 503, when there is none."""
        return self._places.take(source, "login_places")

    def count(self, name: str, source: str) -> None:
        """Count an attempt before it is tried; a LimitError, a 429, after too many.

        UnavailableError when MySQL does not answer.
        """
        if not self._throttle:
            return
        try:
            self._throttle.count(name, source)
        except TooManyError as error:
            log.warning("Too many attempts: one from %s is refused: %s", source, error)
            wait = str(error.seconds)
            raise LimitError("login_limit", "Too Many Requests", 429, Retry_After=wait) from error

    def forgive(self, name: str, source: str) -> None:
        """Take the count back: a login that is right goes well even when MySQL ends just now."""
        if not self._throttle:
            return
        try:
            self._throttle.forgive(name, source)
        except UnavailableError as error:
            log.warning("Could not take back the count of a login: %s", error)

    def wait(self, began: float) -> None:
        """Until the time is over of an attempt that began then, by `time.monotonic`."""
        time.sleep(max(0.0, began + self._failure_time - time.monotonic()))
