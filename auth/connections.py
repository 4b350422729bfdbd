"""Connections to MySQL that are kept for a few seconds, and shared by auth's threads."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from mysql import Connection, MySqlServer


class Connections:
    """Those of one account: with a new one each time /validate took a quarter longer (measured)."""

    def __init__(self, server: MySqlServer, user: str, password: str, database: str) -> None:
        self._server = server
        self._account = (user, password, database)
        self._idle: deque[Connection] = deque()

    def take(self) -> Connection:
        """One of the caller's own, that an earlier caller left, or a new one; MySQLdb.Error.

        Of those that are left the one that waits longest, so that all get their turn to be used, or
        to be closed.
        """
        while True:
            try:
                waiting = self._idle.popleft()
            except IndexError:
                return self._server.connect(*self._account, autocommit=True)
            if waiting.is_good():
                return waiting
            waiting.close()  # type: ignore[no-untyped-call]

    def give_back(self, connection: Connection) -> None:
        """Leave it to the next caller."""
        self._idle.append(connection)

    @contextmanager
    def one(self) -> Iterator[Connection]:
        """Take one, and give it back if all goes well; MySQLdb.Error."""
        connection = self.take()
        try:
            yield connection
        except BaseException:  # whatever it was, an answer may come that nobody waits for any more
            connection.close()  # type: ignore[no-untyped-call]
            raise
        self.give_back(connection)
