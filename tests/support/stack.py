"""The local stack: its addresses, its processes and its users' database."""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import MySQLdb
import pika
import requests
from pika.adapters.blocking_connection import BlockingChannel

from tests.support.project import ROOT, SERVICES
from tests.support.wait import eventually

UP_TIMEOUT = 900  # seconds; the first start installs servers
CTL_TIMEOUT = 200  # seconds; a gateway may take 130 to end
NOT_RUNNING = 7  # supervisorctl's exit code for the pid of a process that is not running


class Stack:
    """The stack of a folder, or else of LOCAL_DIR, which must be up."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(os.environ.get("LOCAL_DIR", ROOT / ".local"))

    @classmethod
    def up(cls, **settings: str) -> "Stack":
        """Start what is down of the stack; CalledProcessError when it fails.

        The `settings` are those of the services; a stack that is up keeps its own.
        """
        environ = os.environ | settings
        subprocess.run([ROOT / "local/up"], check=True, timeout=UP_TIMEOUT, env=environ)
        return cls()

    def down(self, *options: str) -> None:
        """Stop all of it."""
        subprocess.run([ROOT / "local/down", *options], check=True, timeout=CTL_TIMEOUT * 2)

    @cached_property
    def env(self) -> dict[str, str]:
        """What `local/up` says about the stack: GATEWAY_URL, RABBITMQ_URL and so on."""
        text = (self.folder / "env").read_text(encoding="utf-8")
        return dict(word.split("=", 1) for word in shlex.split(text, comments=True) if "=" in word)

    def broker_url(self, service: str) -> str:
        """A service's own RABBITMQ_URL; that of `env` is the administrator's."""
        return self.secret(f"rabbitmq_url_{service}")

    def secret(self, name: str) -> str:
        """The value of one of the stack's secrets."""
        return (self.folder / "secrets" / name).read_text(encoding="utf-8").strip()

    def ctl(self, *arguments: str) -> str:
        """The output of local/ctl; raises CalledProcessError with it when it fails."""
        return subprocess.run(
            [ROOT / "local/ctl", *arguments],
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=CTL_TIMEOUT,
        ).stdout

    @contextmanager
    def channel(self) -> Iterator[BlockingChannel]:
        """A channel of the broker's administrator."""
        connection = pika.BlockingConnection(pika.URLParameters(self.env["RABBITMQ_URL"]))
        try:
            yield connection.channel()
        finally:
            connection.close()

    def start(self, *names: str) -> None:
        """Start programs (`mariadb`, `auth:*`) or single processes (`auth:auth-19020`)."""
        self.ctl("start", *names)

    def stop(self, *names: str) -> None:
        """Stop them and wait until they have ended."""
        self.ctl("stop", *names)

    def restart(self, *names: str) -> None:
        """Stop and start them."""
        self.ctl("restart", *names)

    def signal(self, name: str, *processes: str) -> None:
        """Send the signal `name` (KILL, STOP, …) to processes."""
        self.ctl("signal", name, *processes)

    def kill(self, process: str) -> None:
        """Kill a service's process with its children, as the end of a pod does.

        A gunicorn worker whose master alone is killed goes on for a second: it would still answer
        for the process that takes its place, and hold its ports.
        """
        if pid := self.pid(process):
            os.killpg(pid, signal.SIGKILL)

    def processes(self, program: str) -> list[str]:
        """The names of the processes of a service, as `signal` wants them."""
        try:
            lines = self.ctl("status", f"{program}:*").splitlines()
        except subprocess.CalledProcessError as error:  # 3: some are stopped
            lines = str(error.output).splitlines()
        return [line.split()[0] for line in lines if line.startswith(f"{program}:")]

    def pid(self, process: str) -> int:
        """The process id; 0 when it is stopped."""
        try:
            return int(self.ctl("pid", process))
        except subprocess.CalledProcessError as error:
            if error.returncode != NOT_RUNNING:
                raise
            return 0

    def logs(self) -> list[Path]:
        """The files in which its processes write."""
        return [file for file in Path(self.env["LOG_DIR"]).iterdir() if file.is_file()]

    def ask(self, process: str, path: str) -> requests.Response:
        """What a service's process says on the port of its probes, in which its name ends."""
        port = process.rpartition("-")[2]
        return requests.get(f"http://127.0.0.1:{port}{path}", timeout=10)

    def ready(self, process: str) -> bool:
        """Whether a service's process is ready."""
        try:
            return self.ask(process, "/readyz").ok
        except requests.RequestException:
            return False

    def wait_ready(self, *programs: str, timeout: float = 60) -> None:
        """Wait until all processes of these services, or of all, are ready."""
        for program in programs or SERVICES:
            for process in self.processes(program):
                eventually(lambda process=process: self.ready(process), timeout)  # type: ignore[misc]

    @contextmanager
    def stopped(self, name: str) -> Iterator[None]:
        """Inside, a server is stopped; afterwards, all services are ready again."""
        self.stop(name)
        try:
            yield
        finally:
            self.start(name)
            self.wait_ready()

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """Inside, a server accepts connections and does not answer."""
        self.signal("STOP", name)
        try:
            yield
        finally:
            self.signal("CONT", name)

    def sql(self, query: str, *values: str) -> tuple[tuple[Any, ...], ...]:
        """The rows that a query of the users' database gives."""
        connection = MySQLdb.connect(
            host=self.env["MYSQL_HOST"],
            port=int(self.env["MYSQL_PORT"]),
            user=self.env["MYSQL_USER"],
            password=self.env["MYSQL_PASSWORD"],
            database=self.env["MYSQL_DB"],
            autocommit=True,
            connect_timeout=10,
            read_timeout=10,
        )
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return tuple(cursor.fetchall())
