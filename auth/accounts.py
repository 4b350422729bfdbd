"""The database of auth's own, which the users' account does not see."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import MySQLdb

from mysql import MySqlServer
from servicekit.errors import UnavailableError
from settings import AccountsSettings


def key(email: str) -> bytes:
    """By which an account is known here: people type passwords where a name belongs."""
    return hashlib.sha256(email.encode()).digest()


class Accounts:
    """One connection for each thread, kept; a dead one is replaced.

    So is one to a host that is no longer asked first: a replica takes no logins, and would keep
    the thread from the primary that is back.
    """

    def __init__(self, server: MySqlServer, settings: AccountsSettings) -> None:
        self._server = server
        self._settings = settings
        self._kept = threading.local()

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """A cursor whose work counts when the block ends well; UnavailableError."""
        try:
            connection = self._alive()
            try:
                with connection.cursor() as cursor:
                    yield cursor
                connection.commit()
            except BaseException:  # whatever it was, half of the work does not count
                connection.rollback()
                raise
        except MySQLdb.Error as error:
            raise UnavailableError(f"MySQL: {error}") from error

    def _alive(self) -> Any:
        """This thread's connection; one that is not good any more is let go, and so is closed."""
        host, kept = vars(self._kept).pop("connection", ("", None))
        if not (kept and host == self._server.first() and _answers(kept)):
            account = self._settings
            kept = self._server.connect(account.user, account.password, account.database)
            host = self._server.first()
        self._kept.connection = host, kept
        return kept


def _answers(connection: Any) -> bool:
    try:
        connection.ping()
    except MySQLdb.Error:
        return False
    return True
