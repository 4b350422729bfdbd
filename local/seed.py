"""Give the local MariaDB its schema, the account of the auth service and the demo's user.

Usage: seed.py SOCKET INIT_SQL PASSWORD_FILE HOST; the password is the account's, HOST is from where
it may log in. Changes nothing that is there already, except the account's password.
"""

import os
import pwd
import sys
from pathlib import Path
from typing import Any

import MySQLdb
from argon2 import PasswordHasher

DEMO_USER, DEMO_PASSWORD = "dksahuji@gmail.com", "Admin123"  # noqa: S105 the tutorial's, public
TIMEOUT_S = 5


def create_account(cursor: Any, password: str, host: str) -> None:
    """The account `auth_user`@`host`, which may do all in the database `auth`."""
    cursor.execute("CREATE USER IF NOT EXISTS 'auth_user'@%s IDENTIFIED BY %s", (host, password))
    cursor.execute("ALTER USER 'auth_user'@%s IDENTIFIED BY %s", (host, password))
    cursor.execute("GRANT ALL PRIVILEGES ON auth.* TO 'auth_user'@%s", (host,))


def create_demo_user(cursor: Any) -> None:
    """The tutorial's user, hashed with OWASP's minimum for argon2id, as the auth service does."""
    cursor.execute("SELECT 1 FROM auth.user WHERE email = %s", (DEMO_USER,))
    if cursor.fetchone():
        return
    hashed = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash(DEMO_PASSWORD)
    cursor.execute("INSERT INTO auth.user (email, password) VALUES (%s, %s)", (DEMO_USER, hashed))


def run_file(cursor: Any, file: Path) -> None:
    """Run an SQL file whose only semicolons end statements."""
    lines = file.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("--"))
    for statement in filter(str.strip, text.split(";")):
        cursor.execute(statement)


def main() -> None:
    """Seed as the server's owner, whom the socket recognises as the operating system's user."""
    socket, init_sql, password_file, host = sys.argv[1:]
    password = Path(password_file).read_text(encoding="utf-8").strip()
    owner = pwd.getpwuid(os.getuid()).pw_name
    connection: Any = MySQLdb.connect(unix_socket=socket, user=owner, connect_timeout=TIMEOUT_S)
    with connection.cursor() as cursor:
        run_file(cursor, Path(init_sql))
        create_account(cursor, password, host)
        create_demo_user(cursor)
    connection.commit()
    connection.close()


if __name__ == "__main__":
    main()
