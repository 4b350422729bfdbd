"""The users in MySQL: who they are and what their password is stored as."""

from dataclasses import dataclass, field
from typing import Any

import MySQLdb
from flask import Flask, g
from flask_mysqldb import MySQL

from mysql import Connection, MySqlServer
from servicekit.errors import UnavailableError
from servicekit.kept import Kept
from settings import MySqlSettings


@dataclass(frozen=True)
class User:
    """A row of the table `user`, or what is to become one, which has no id yet."""

    email: str
    password: str = field(repr=False)
    id: int | None = None


class _Connections(MySQL):  # type: ignore[misc]
    """A connection for each application context, which the next one may use again."""

    def __init__(self, app: Flask, kept: Kept[Connection]) -> None:
        super().__init__(app)
        self._kept = kept

    @property
    def connect(self) -> Connection:
        """One that nobody uses, or a new one."""
        return self._kept.take()

    def drop(self) -> None:
        """It has failed: who goes on gets another."""
        if connection := g.pop("mysql_db", None):
            connection.close()

    def teardown(self, _: BaseException | None) -> None:
        """Flask calls it at the end of the context."""
        if connection := g.pop("mysql_db", None):
            self._kept.give_back(connection)


class Users:
    """The table `user`; every method needs an application context, which has a connection."""

    def __init__(self, app: Flask, server: MySqlServer, settings: MySqlSettings) -> None:
        kept = server.kept(settings.user, settings.password, settings.database)
        self._mysql = _Connections(app, kept)

    def find(self, email: str) -> User | None:
        """The user of exactly this `email`; UnavailableError when MySQL does not answer.

        MySQL's own comparison ignores case, accents and trailing spaces.
        """
        rows = self._ask("SELECT email, password, id FROM user WHERE email = %s", email)
        return next((User(*row) for row in rows if row[0] == email), None)

    def find_by_id(self, row: int) -> User | None:
        """The user of this row; UnavailableError."""
        rows = self._ask("SELECT email, password, id FROM user WHERE id = %s", row)
        return next((User(*found) for found in rows), None)

    def replace_password(self, user: User, password: str) -> None:
        """Store a new hash unless the row has changed since it was read; UnavailableError."""
        self._ask(
            "UPDATE user SET password = %s WHERE email = %s AND password = %s",
            password,
            user.email,
            user.password,
        )

    def change_password(self, user: User, password: str) -> User | None:
        """The user with a new hash; None when the row has changed since it was read.

        UnavailableError.
        """
        self.replace_password(user, password)
        changed = self.find(user.email)
        return changed if changed and changed.password == password else None

    def add(self, user: User) -> bool:
        """Insert a row; False where MySQL, by its own comparison, has that address already."""
        try:
            self._ask(
                "INSERT INTO user (email, password) VALUES (%s, %s)", user.email, user.password
            )
        except UnavailableError as error:
            if isinstance(error.__cause__, MySQLdb.IntegrityError):
                return False
            raise
        return True

    def all(self) -> list[User]:
        """Every one, by their addresses; UnavailableError."""
        rows = self._ask("SELECT email, password, id FROM user ORDER BY email")
        return [User(*row) for row in rows]

    def ping(self) -> None:
        """Raise UnavailableError when MySQL does not answer."""
        self._ask("SELECT 1")

    def _ask(self, query: str, *values: str | int) -> tuple[tuple[Any, ...], ...]:
        try:
            with self._mysql.connection.cursor() as cursor:
                cursor.execute(query, values)
                rows: tuple[tuple[Any, ...], ...] = cursor.fetchall()
                return rows
        except MySQLdb.Error as error:
            self._mysql.drop()
            raise UnavailableError(f"MySQL: {error}") from error
