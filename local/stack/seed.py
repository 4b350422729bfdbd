"""What the local MariaDB must hold: the schema, auth's account, the demo's user."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import MySQLdb

from local.stack.configure import secret, user_name
from local.stack.paths import read_variables
from local.stack.settings import Settings

TIMEOUT_S = 5


def seed_problem(settings: Settings, hosts: Iterable[str]) -> str:
    """Why MariaDB cannot be filled yet; `hosts` are those from which the account may log in.

    Changes nothing that is there already, except the account's password.
    """
    if not (settings.paths.run / "mariadb.sock").is_socket():
        return "it does not listen yet"
    try:
        seed(settings, hosts)
    except MySQLdb.Error as error:
        return str(error)
    return ""


def seed(settings: Settings, hosts: Iterable[str]) -> None:
    """Fill the database as the server's owner, whom its socket recognises; MySQLdb.Error."""
    paths = settings.paths
    password = secret(paths, "mysql_password")
    socket = str(paths.run / "mariadb.sock")
    connection: Any = MySQLdb.connect(
        unix_socket=socket, user=user_name(), connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S
    )
    try:
        with connection.cursor() as cursor:
            run_file(cursor, paths.root / "auth/init.sql")
            run_file(cursor, paths.root / "auth/accounts.sql")
            for host in hosts:
                create_account(cursor, password, host)
                create_own_account(cursor, secret(paths, "accounts_password"), host)
            if settings.demo_user:
                create_demo_user(cursor, read_variables(paths.root / "scripts/demo-user.env"))
        connection.commit()
    finally:
        connection.close()


def run_file(cursor: Any, file: Path) -> None:
    """Run an SQL file whose only semicolons end statements."""
    lines = file.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("--"))
    for statement in filter(str.strip, text.split(";")):
        cursor.execute(statement)


def create_account(cursor: Any, password: str, host: str) -> None:
    """The account `auth_user`@`host`, which may do all in the database `auth`."""
    cursor.execute("CREATE USER IF NOT EXISTS 'auth_user'@%s IDENTIFIED BY %s", (host, password))
    cursor.execute("ALTER USER 'auth_user'@%s IDENTIFIED BY %s", (host, password))
    cursor.execute("GRANT ALL PRIVILEGES ON auth.* TO 'auth_user'@%s", (host,))


def create_own_account(cursor: Any, password: str, host: str) -> None:
    """The account `accounts_user`@`host`, for the rows of the database `accounts`."""
    cursor.execute(
        "CREATE USER IF NOT EXISTS 'accounts_user'@%s IDENTIFIED BY %s", (host, password)
    )
    cursor.execute("ALTER USER 'accounts_user'@%s IDENTIFIED BY %s", (host, password))
    cursor.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON accounts.* TO 'accounts_user'@%s", (host,)
    )


def create_demo_user(cursor: Any, user: dict[str, str]) -> None:
    """The demo's user, unless there is one of that address."""
    email = user["DEMO_EMAIL"]
    cursor.execute("SELECT 1 FROM auth.user WHERE email = %s", (email,))
    if not cursor.fetchone():
        row = (email, user["DEMO_PASSWORD_HASH"])
        cursor.execute("INSERT INTO auth.user (email, password) VALUES (%s, %s)", row)
