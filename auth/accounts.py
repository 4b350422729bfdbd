"""The database of auth's own, which the users' account does not see."""

import hashlib
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
    """What is asked of it, and what is done in it."""

    def __init__(self, server: MySqlServer, settings: AccountsSettings) -> None:
        self._connections = server.kept(settings.user, settings.password, settings.database)

    def row(self, query: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
        """The first row that a query finds; UnavailableError."""
        with self._cursor() as cursor:
            cursor.execute(query, values)
            found: tuple[Any, ...] | None = cursor.fetchone()
            return found

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """A cursor whose work counts when the block ends well; UnavailableError."""
        with self._cursor() as cursor:
            cursor.connection.begin()
            try:
                yield cursor
                cursor.connection.commit()
            except BaseException:  # whatever it was, half of the work does not count
                cursor.connection.rollback()
                raise

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        try:
            with self._connections.one() as connection, connection.cursor() as cursor:
                yield cursor
        except MySQLdb.Error as error:
            raise UnavailableError(f"MySQL: {error}") from error
