"""The users, the sessions that have ended and the API keys, as SQL, one statement a line, and back.

backup.sh and restore.sh run it: with auth's own accounts, hosts and TLS.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain
from typing import Any

import MySQLdb
from MySQLdb.cursors import SSCursor

from mysql import MySqlServer
from servicekit.settings import Env
from settings import AccountsSettings, MySqlSettings

TIMEOUT = "60"  # seconds for one answer: nobody waits for it
END = b"COMMIT;\n"  # the last line: without it the file has not come whole
TABLES = {"users": ("user",), "sessions": ("sessions", "api_keys")}


def connect(what: str) -> Any:
    """As the account that the table is for; None where auth has no such account.

    Without it nobody can sign out or have keys, so there is nothing to keep.
    """
    env = Env(os.environ | {"MYSQL_TIMEOUT": TIMEOUT})
    settings, account = MySqlSettings.read(env), AccountsSettings.read(env)
    env.check()
    of = settings if what == "users" else account
    if not of.password:
        return None
    return MySqlServer(settings).connect(of.user, of.password, of.database)


def there(connection: Any, tables: tuple[str, ...]) -> list[str]:
    """Those of `tables` that there are: setup-host.sh adds one that is new; MySQLdb.Error."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        found = {name for (name,) in cursor.fetchall()}
    return [table for table in tables if table in found]


def dump(connection: Any, table: str) -> Iterator[bytes]:
    """Each row as a line; MySQLdb.Error."""
    with connection.cursor(SSCursor) as cursor:  # which does not keep the rows
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 one of TABLES
        names = ", ".join(f"`{column[0]}`" for column in cursor.description)
        for row in cursor:
            values = b", ".join(_literal(connection, value) for value in row)
            yield b"INSERT INTO %s (%s) VALUES (%s);\n" % (table.encode(), names.encode(), values)


def load(connection: Any, tables: list[str], lines: Iterable[bytes]) -> None:
    """Put these rows in place of all that are there, or change nothing; MySQLdb.Error, EOFError."""
    line = b""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 one of TABLES
        for line in lines:
            cursor.execute(line)
    if line != END:
        raise EOFError("the rows broke off")


def _literal(connection: Any, value: object) -> bytes:
    """In SQL, on one line; bytes in hexadecimal, so that the file is text."""
    if isinstance(value, bytes):
        return b"x'%s'" % value.hex().encode()
    literal: bytes = connection.literal(value)
    return literal


def write(lines: Iterable[bytes]) -> None:
    """To standard output, and the number of bytes to standard error."""
    written = sum(map(sys.stdout.buffer.write, lines))
    sys.stdout.buffer.flush()
    sys.stderr.write(f"{written}\n")


def run(action: str, what: str) -> None:
    """Dump or load one of TABLES; MySQLdb.Error, EOFError."""
    connection = connect(what)
    if connection is None:
        if action == "dump":
            write([END])
        return
    with closing(connection):
        tables = there(connection, TABLES[what])
        if action == "dump":
            rows = chain.from_iterable(dump(connection, table) for table in tables)
            write(chain(rows, [END]))
        else:
            load(connection, tables, sys.stdin.buffer)


def main() -> None:
    """Exit code 1: MySQL did not answer, or refused; then nothing is changed."""
    parser = argparse.ArgumentParser(prog="backup.py", description=__doc__)
    parser.add_argument("action", choices=("dump", "load"))
    parser.add_argument("what", choices=TABLES)
    options = parser.parse_args()
    try:
        run(options.action, options.what)
    except (MySQLdb.Error, EOFError) as error:
        sys.exit(f"MySQL: {error}")


if __name__ == "__main__":
    main()
