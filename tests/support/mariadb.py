"""MariaDB as a primary and a read-only replica of a test's own, which may be killed."""

import secrets
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import MySQLdb

from local.stack import configure, seed, servers
from local.stack.paths import Paths
from local.stack.settings import Settings
from tests.support.closing import Closing
from tests.support.machine import free_port
from tests.support.place import Place
from tests.support.stack import Stack
from tests.support.wait import until

# A service knows several hosts by one port: so these are two addresses, both of loopback.
PRIMARY, REPLICA = "127.0.0.2", "127.0.0.3"
TIMEOUT = 60  # seconds; also for a start after kill -9
_DURABLE = ("--log-bin=binlog", "--sync-binlog=1")  # what is committed is replicated, kill or not


class Mariadbd(Closing):
    """A server on a folder that has its tables; keeps its address, port, data and options."""

    def __init__(self, paths: Paths, address: str, port: int, *options: str) -> None:
        self.address = address
        self._socket = paths.run / "mariadb.sock"
        self._log = paths.log / "mariadb.log"
        self._command = [
            "/usr/sbin/mariadbd",
            "--no-defaults",
            f"--user={configure.user_name()}",
            f"--datadir={paths.folder / 'mariadb/data'}",
            f"--socket={self._socket}",
            f"--pid-file={paths.run / 'mariadb.pid'}",
            f"--bind-address={address}",
            f"--port={port}",
            f"--server-id={address.rpartition('.')[2]}",
            "--skip-name-resolve",
            "--innodb-buffer-pool-size=64M",
            *options,
        ]
        self.start()

    def start(self) -> None:
        """Run it, and return once it answers."""
        self._process = Place("mariadb", self.address).run(self._command, {}, self._log)
        until(self._answers, f"MariaDB answers: {self._log}", TIMEOUT)

    def kill(self) -> None:
        """kill -9, and wait for the end."""
        self._process.kill()
        self._process.wait(10)

    def close(self) -> None:
        """Kill it."""
        self.kill()

    def sql(self, query: str, *values: object) -> tuple[tuple[Any, ...], ...]:
        """The rows that a query gives its owner, whom its socket recognises."""
        connection = MySQLdb.connect(
            unix_socket=str(self._socket),
            user=configure.user_name(),
            autocommit=True,
            connect_timeout=10,
            read_timeout=TIMEOUT,
        )
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return tuple(cursor.fetchall())

    def _answers(self) -> bool:
        try:
            return bool(self.sql("SELECT 1"))
        except MySQLdb.OperationalError:
            return False


class Replicated(Closing):
    """A context manager: the two of them, filled as the stack's own is, with its passwords."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        settings = _settings(stack, folder / "primary")
        paths, port = settings.paths, free_port()
        paths.make()
        configure.make_secrets(settings)
        servers.prepare_mariadb(paths)
        shutil.copytree(paths.folder, folder / "replica")
        self.primary = Mariadbd(paths, PRIMARY, port, *_DURABLE)
        copy = Paths.read({"LOCAL_DIR": str(folder / "replica")})
        self.replica = Mariadbd(copy, REPLICA, port, *_DURABLE, "--read-only")
        self.settings = {"MYSQL_HOST": f"{PRIMARY},{REPLICA}", "MYSQL_PORT": str(port)}
        self._follow(port)
        seed.seed(settings, ["127.0.0.1"])

    def close(self) -> None:
        """Kill both."""
        self.replica.close()
        self.primary.close()

    def wait_until_replicated(self) -> None:
        """Return once the replica has all that the primary has."""
        ((position,),) = self.primary.sql("SELECT @@gtid_binlog_pos")
        ((missing,),) = self.replica.sql("SELECT MASTER_GTID_WAIT(%s, %s)", position, TIMEOUT)
        assert missing == 0, f"the replica is behind {position}"

    def _follow(self, port: int) -> None:
        password = secrets.token_hex(16)
        self.primary.sql("CREATE USER 'replica'@'127.0.0.1' IDENTIFIED BY %s", password)
        self.primary.sql("GRANT REPLICATION SLAVE ON *.* TO 'replica'@'127.0.0.1'")
        self.replica.sql(
            "CHANGE MASTER TO master_host = %s, master_port = %s, master_user = 'replica',"
            " master_password = %s, master_use_gtid = slave_pos, master_connect_retry = 1",
            PRIMARY,
            port,
            password,
        )
        self.replica.sql("START SLAVE")


def _settings(stack: Stack, folder: Path) -> Settings:
    own = Paths.read({"LOCAL_DIR": str(stack.folder)})
    return Settings.read(
        {
            "LOCAL_DIR": str(folder),
            "MYSQL_PASSWORD": configure.secret(own, "mysql_password"),
            "ACCOUNTS_PASSWORD": configure.secret(own, "accounts_password"),
        }
    )
