"""The database of auth's own, which the users' account does not see."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import MySQLdb

from mysql import Link, MySqlServer
from servicekit.errors import UnavailableError
from settings import AccountsSettings


def key(email: str) -> bytes:
    """By which an account is known here: people type passwords where a name belongs."""
    return hashlib.sha256(email.encode()).digest()


class Accounts:
    """One connection for each thread, kept; a dead one is replaced.

    So is one to a replica once the primary is asked again: a replica takes no logins.
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
        link: Link | None = vars(self._kept).pop("link", None)
        if not link or self._server.is_outdone(link) or not _answers(link):
            account = self._settings
            link = self._server.connect(account.user, account.password, account.database)
        self._kept.link = link
        return link.connection


def _answers(link: Link) -> bool:
    try:
        link.connection.ping()
    except MySQLdb.Error:
        return False
    return True
