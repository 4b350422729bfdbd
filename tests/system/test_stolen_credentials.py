"""What the auth service's login opens in MySQL: the database `auth`, as the tutorial grants it.

What those of RabbitMQ and MongoDB open is in tests/system/queue.
"""

import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import MySQLdb
import pytest

from tests.support.stack import Stack

REFUSED = [
    "CREATE DATABASE other",
    "DROP DATABASE mysql",
    "SELECT * FROM mysql.user",
    "SELECT * FROM mysql.global_priv",
    "UPDATE mysql.db SET Db = '%'",
    "CREATE TABLE mysql.stolen (id INT)",
    "CREATE USER thief IDENTIFIED BY 'x'",
    "ALTER USER root@localhost IDENTIFIED BY 'x'",
    "GRANT ALL PRIVILEGES ON *.* TO auth_user@'%%'",
    "GRANT SELECT ON auth.* TO auth_user@localhost",
    "SET GLOBAL max_connections = 1",
    "SELECT email FROM auth.user INTO OUTFILE '/tmp/stolen'",
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE auth.user",
    "CREATE FUNCTION shell RETURNS INTEGER SONAME 'shell.so'",
    "INSTALL PLUGIN shell SONAME 'shell.so'",
    "SELECT * FROM accounts.sessions",
    "SELECT * FROM accounts.api_keys",
    "DELETE FROM accounts.login_attempts",
    "FLUSH PRIVILEGES",
    "SHUTDOWN",
]
OWN_REFUSED = [  # of the account with which auth keeps ended sessions and guesses
    "SELECT * FROM auth.user",
    "UPDATE auth.user SET password = 'x'",
    "CREATE TABLE accounts.extra (id INT)",
    "DROP TABLE accounts.sessions",
    "SELECT * FROM mysql.user",
]
DENIED = (1044, 1045, 1142, 1227)  # MySQL's ER_…ACCESS_DENIED: to a database, login, table, right


def own(stack: Stack, statement: str) -> tuple[tuple[Any, ...], ...]:
    """What MySQL answers to auth's own account."""
    connection = MySQLdb.connect(
        host=stack.env["MYSQL_HOST"],
        port=int(stack.env["MYSQL_PORT"]),
        user="accounts_user",
        password=(stack.folder / "secrets/accounts_password").read_text().strip(),
        connect_timeout=10,
    )
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(statement)
        rows: tuple[tuple[Any, ...], ...] = cursor.fetchall()
        return rows


@pytest.mark.parametrize("statement", REFUSED)
def test_a_stolen_login_of_mysql_is_refused_outside_its_database(
    stack: Stack, statement: str
) -> None:
    with pytest.raises(MySQLdb.Error) as refused:
        stack.sql(statement)
    assert refused.value.args[0] in DENIED, refused.value


@pytest.mark.parametrize("statement", OWN_REFUSED)
def test_a_stolen_login_of_auths_own_is_refused_outside_its_rows(
    stack: Stack, statement: str
) -> None:
    with pytest.raises(MySQLdb.Error) as refused:
        own(stack, statement)
    assert refused.value.args[0] in DENIED, refused.value


def test_a_stolen_login_of_auths_own_sees_its_database_and_no_other(stack: Stack) -> None:
    seen = {name for (name,) in own(stack, "SHOW DATABASES")}
    assert seen == {"accounts", "information_schema"}
    assert own(stack, "SELECT COUNT(*) FROM accounts.sessions")


@pytest.fixture
def table(stack: Stack) -> Iterator[str]:
    name = f"extra_{uuid.uuid4().hex[:8]}"
    yield name
    stack.sql(f"DROP TABLE IF EXISTS {name}")


def test_a_stolen_login_of_mysql_sees_its_database_and_no_other(stack: Stack, table: str) -> None:
    seen = {name for (name,) in stack.sql("SHOW DATABASES")}
    assert seen == {"auth", "information_schema"}
    stack.sql(f"CREATE TABLE {table} (id INT)")  # the tutorial's own grant
    users = {row[1] for row in stack.sql("SHOW PROCESSLIST")}
    assert users == {"auth_user"}


def test_a_file_of_the_server_is_not_read(stack: Stack) -> None:
    assert stack.sql("SELECT LOAD_FILE('/etc/passwd')") == ((None,),)
