"""Guesses are counted before they are tried, and after too many wrong ones there are no more.

A login counts in four rows: of its source and account together, of its source, of its account, and
of all. Strangers fill the last two as well: beyond those a source still has its first wrong
password, so that the right one works from wherever no guesses came from.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from accounts import key
from settings import LoginSettings

# In the order of the primary key. Every login locks the row of all first, so that they pass one
# after the other and no two wait for each other.
_COUNT = """
INSERT INTO login_attempts (account, source, attempts, ends) VALUES
    ('', '', 1, UTC_TIMESTAMP() + INTERVAL %(window)s SECOND),
    ('', %(source)s, 1, UTC_TIMESTAMP() + INTERVAL %(window)s SECOND),
    (%(account)s, '', 1, UTC_TIMESTAMP() + INTERVAL %(window)s SECOND),
    (%(account)s, %(source)s, 1, UTC_TIMESTAMP() + INTERVAL %(window)s SECOND)
ON DUPLICATE KEY UPDATE
    attempts = IF(ends > UTC_TIMESTAMP(), attempts + 1, 1),
    ends = IF(ends > UTC_TIMESTAMP(), ends, UTC_TIMESTAMP() + INTERVAL %(window)s SECOND)
"""
_LOOK = """
SELECT attempts, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), ends) FROM login_attempts
WHERE account IN ('', %(account)s) AND source IN ('', %(source)s) ORDER BY account, source
"""
# A login adds three rows at most and takes away twice as many: the table stays as long as what was
# tried within one window, and that is bounded by the time that a wrong password takes.
_CLEAN = "DELETE FROM login_attempts WHERE ends <= UTC_TIMESTAMP() ORDER BY ends LIMIT 6"
_GIVE_BACK = """
UPDATE login_attempts SET attempts = attempts - 1
WHERE account IN ('', %(account)s) AND source IN ('', %(source)s) AND attempts > 0
"""
_FORGET = "DELETE FROM login_attempts WHERE account = %(account)s AND source = %(source)s"

Transaction = Callable[[], AbstractContextManager[Any]]  # of a cursor


@dataclass(frozen=True)
class Count:
    """How many logins a row has, and in how many seconds they are forgotten."""

    attempts: int
    left: int


class TooManyError(Exception):
    """This login may not be tried before so many `seconds` have gone by."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class Throttle:
    """The counts, in MySQL: one for all replicas, and kept over restarts.

    `transaction` gives a cursor, commits at the end, and takes all back after an exception.
    """

    def __init__(self, transaction: Transaction, settings: LoginSettings) -> None:
        self._transaction = transaction
        self._settings = settings

    def count(self, account: str, source: str) -> None:
        """Count a login before it is tried; TooManyError, and it does not count, beyond a limit.

        UnavailableError when MySQL does not answer.
        """
        names = self._names(account, source)
        with self._transaction() as cursor:
            cursor.execute(_COUNT, names)
            cursor.execute(_LOOK, names)
            overall, by_source, by_account, pair = (Count(*row) for row in cursor.fetchall())
            if seconds := wait(self._settings, pair, by_source, by_account, overall):
                raise TooManyError(seconds)
            cursor.execute(_CLEAN)

    def forgive(self, account: str, source: str) -> None:
        """The counted login was right: it does not count, nor do its source's earlier ones for it.

        UnavailableError when MySQL does not answer.
        """
        names = self._names(account, source)
        with self._transaction() as cursor:
            cursor.execute(_GIVE_BACK, names)
            cursor.execute(_FORGET, names)

    def _names(self, account: str, source: str) -> dict[str, Any]:
        return {"account": key(account), "source": source, "window": self._settings.window}


def wait(
    limits: LoginSettings, pair: Count, by_source: Count, by_account: Count, overall: Count
) -> int:
    """How many seconds a login that is in these counts has to wait; 0 when it may be tried."""
    waits = [0]
    if pair.attempts > limits.limit:
        waits.append(pair.left)
    if by_source.attempts > limits.source_limit:
        waits.append(by_source.left)
    if by_account.attempts > limits.account_limit and pair.attempts > 1:
        waits.append(min(by_account.left, pair.left))
    if overall.attempts > limits.overall_limit and by_source.attempts > 1:
        waits.append(min(overall.left, by_source.left))
    return max(waits)
