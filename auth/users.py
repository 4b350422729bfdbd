"""The users in MySQL: who they are and what their password is stored as."""

import logging
from dataclasses import dataclass, field

import MySQLdb
from flask import Flask
from flask_mysqldb import MySQL

from servicekit.errors import UnavailableError
from settings import MySqlSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class User:
    """A row of the table `user`."""

    email: str
    password: str = field(repr=False)


class Users:
    """The table `user`; every method needs an application context, which owns the connection."""

    def __init__(self, app: Flask, settings: MySqlSettings) -> None:
        app.config.update(
            MYSQL_HOST=settings.host,
            MYSQL_PORT=settings.port,
            MYSQL_USER=settings.user,
            MYSQL_PASSWORD=settings.password,
            MYSQL_DB=settings.database,
            MYSQL_CHARSET="utf8mb4",
            MYSQL_AUTOCOMMIT=True,
            MYSQL_CONNECT_TIMEOUT=settings.timeout,
            MYSQL_CUSTOM_OPTIONS={
                "read_timeout": settings.timeout,
                "write_timeout": settings.timeout,
                "ssl_mode": "REQUIRED" if settings.tls else "DISABLED",
            },
        )
        self._mysql = MySQL(app)

    def find(self, email: str) -> User | None:
        """The user of exactly this `email`; UnavailableError when MySQL does not answer.

        MySQL's own comparison ignores case, accents and trailing spaces.
        """
        rows = self._ask("SELECT email, password FROM user WHERE email = %s", email)
        return next((User(*row) for row in rows if row[0] == email), None)

    def replace_password(self, user: User, password: str) -> None:
        """Store a new hash unless the row has changed since it was read; a failure is logged."""
        try:
            self._ask(
                "UPDATE user SET password = %s WHERE email = %s AND password = %s",
                password,
                user.email,
                user.password,
            )
        except UnavailableError as error:
            log.warning("Could not store the new hash of a password: %s", error)

    def ping(self) -> None:
        """Raise UnavailableError when MySQL does not answer."""
        self._ask("SELECT 1")

    def _ask(self, query: str, *values: str) -> tuple[tuple[str, ...], ...]:
        try:
            with self._mysql.connection.cursor() as cursor:
                cursor.execute(query, values)
                rows: tuple[tuple[str, ...], ...] = cursor.fetchall()
                return rows
        except MySQLdb.Error as error:
            raise UnavailableError(f"MySQL: {error}") from error
