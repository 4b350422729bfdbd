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
    """One connection for each thread, kept; a dead one is replaced."""

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
        """This thread's connection; one that does not answer is let go, and so is closed."""
        kept: Any = vars(self._kept).pop("connection", None)
        try:
            if kept:
                kept.ping()
        except MySQLdb.Error:
            kept = None
        account = self._settings
        self._kept.connection = kept or self._server.connect(
            account.user, account.password, account.database
        )
        return self._kept.connection
