"""Connections to MySQL, on the first of its hosts that answers."""

import select
import time
from contextlib import suppress
from typing import Any

import MySQLdb
from MySQLdb.connections import Connection as MySqlConnection

from servicekit.kept import LIFE, Kept
from settings import MySqlSettings

ASKED_LAST = 30.0  # seconds for which a host that did not answer is tried after the others


class Connection(MySqlConnection):
    """One that may be used again, for LIFE seconds."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._end = time.monotonic() + LIFE

    def is_good(self) -> bool:
        """Whether it is not old, and MySQL has not closed it: nothing else comes unasked."""
        comes = select.poll()
        comes.register(self.fileno(), select.POLLIN)  # type: ignore[no-untyped-call]
        return time.monotonic() < self._end and not comes.poll(0)


class MySqlServer:
    """A primary and whoever may take its place, in the order in which the settings name them.

    A host that is silent costs a timeout; so it is remembered, and not every login waits for it.
    """

    def __init__(self, settings: MySqlSettings) -> None:
        self._settings = settings
        self._failed: dict[str, float] = {}

    def connect(self, user: str, password: str, database: str, **options: Any) -> Connection:
        """A connection of an account; the last host's MySQLdb.Error when none answers."""
        account = options | {"user": user, "password": password, "database": database}
        *others, last = self._in_order()
        for host in others:
            with suppress(MySQLdb.OperationalError):
                return self._connect(host, account)
        return self._connect(last, account)

    def kept(self, user: str, password: str, database: str) -> Kept[Connection]:
        """Those of an account; with new ones /validate took a quarter longer (measured)."""
        return Kept(lambda: self.connect(user, password, database, autocommit=True))

    def _in_order(self) -> list[str]:
        return sorted(self._settings.hosts, key=self._failed_lately)

    def _failed_lately(self, host: str) -> bool:
        return time.monotonic() - self._failed.get(host, -ASKED_LAST) < ASKED_LAST

    def _connect(self, host: str, account: dict[str, Any]) -> Connection:
        settings = self._settings
        try:
            connection = Connection(
                host=host,
                port=settings.port,
                charset="utf8mb4",
                connect_timeout=settings.timeout,
                read_timeout=settings.timeout,
                write_timeout=settings.timeout,
                **self._tls(),
                **account,
            )
        except MySQLdb.OperationalError:
            self._failed[host] = time.monotonic()
            raise
        self._failed.pop(host, None)
        return connection

    def _tls(self) -> dict[str, Any]:
        """MySQLdb's options."""
        if not self._settings.tls:
            return {"ssl_mode": "DISABLED"}
        if not self._settings.ca_file:
            return {"ssl_mode": "REQUIRED"}
        return {"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": self._settings.ca_file}}
