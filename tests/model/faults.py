"""What may go wrong in a story: services that end, servers that go away, messages that do."""

import os
import signal
from contextlib import suppress

import pika

from servicekit.jobs.message import JobMessage
from tests.model.servers import Servers
from tests.support.jobs import Jobs
from tests.support.stack import Stack
from tests.support.wait import eventually, until

HEALED_WITHIN = 60  # seconds; RabbitMQ takes 8 to start, and its clients half a one to come back
SERVICES = ("gateway", "converter", "notification")
# What lets messages and jobs wait, for an operator to purge, or for their user to delete.
BACKLOG = ("freeze", "converter")
# A server goes away, once at most in a story: each costs as much as many uploads.
OUTAGES = (
    ("stop", "mongod"),
    ("kill", "mongod"),
    ("stop", "mariadb"),
    ("kill", "mariadb"),
    ("stop", "mailcatcher"),
    ("kill", "mailcatcher"),
    ("stop", "rabbitmq"),
    ("kill", "rabbitmq"),
    ("fill the disk of", "rabbitmq"),
)
# One of three goes: nobody has to notice.
OUTAGES_OF_ONE = (
    ("stop", "the leader of rabbitmq"),
    ("kill", "the leader of rabbitmq"),
    ("stop", "the primary of mongod"),
    ("kill", "the primary of mongod"),
)
# RabbitMQ blocks its publishers below so much free space; the second is its default.
NO_SPACE, ENOUGH_SPACE = "9000GB", "50MB"

Fault = tuple[str, str]


class Faults:
    """Brings them about on the stack and its servers, and mends all of it."""

    def __init__(self, stack: Stack, servers: Servers) -> None:
        self._stack, self._servers = stack, servers
        self._processes = {service: stack.processes(service) for service in SERVICES}
        self._fault: Fault | None = None
        self._frozen: list[int] = []

    def kill(self, service: str, which: int) -> None:
        """kill -9 of one of the service's processes."""
        self._stack.kill(self._process(service, which))

    def terminate(self, service: str, which: int) -> None:
        """SIGTERM to one of the service's processes, if it is not down already."""
        if pid := self._stack.pid(self._process(service, which)):
            _send(pid, signal.SIGTERM)

    def begin(self, fault: Fault) -> None:
        """Something goes away; a server that is killed comes back by itself."""
        how, what = self._fault = fault
        if how == "stop":
            self._servers.victims[what].stop()
        elif how == "kill":
            self._servers.victims[what].kill()
        elif how == "freeze":
            self._frozen = [self._stack.pid(name) for name in self._processes[what]]
            for pid in filter(None, self._frozen):
                _send(pid, signal.SIGSTOP)
        else:
            self._limit_disk(NO_SPACE)

    def over(self) -> None:
        """It comes back, if something went away."""
        how, what = self._fault or ("", "")
        if how == "stop":
            self._servers.victims[what].start()
        elif how == "freeze":
            for pid in filter(None, self._frozen):
                _send(pid, signal.SIGCONT)
        elif how == "fill the disk of":
            self._limit_disk(ENOUGH_SPACE)
        self._fault = None

    def publish(self, queue: str, message: JobMessage) -> None:
        """A message comes once more."""
        with self._connection() as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish("", queue, message.encode(), mandatory=True)

    def purge(self, queue: str = "video") -> None:
        """An operator purges a queue."""
        with self._connection() as connection:
            connection.channel().queue_purge(queue)

    def wait_ready(self) -> None:
        """Return once all servers are there and all processes of the services are ready."""
        self._servers.wait_until_whole()
        for name in sum(self._processes.values(), []):
            until(lambda name=name: self._stack.ready(name), f"{name} is ready", HEALED_WITHIN)  # type: ignore[misc]

    def clean(self, jobs: Jobs, email: str) -> None:
        """Remove what a story that did not hold has left, for the next one to begin well."""
        self.wait_ready()
        for database in (jobs.videos, jobs.mp3s):
            database["fs.files"].delete_many({"metadata.username": email})
        if not self._servers.at_rest():
            self._stack.restart("converter:*", "notification:*")
            for queue in ("video", "mp3"):
                self.purge(queue)
        self.wait_ready()

    def _process(self, service: str, which: int) -> str:
        names = self._processes[service]
        return names[which % len(names)]

    def _limit_disk(self, free: str) -> None:
        self._servers.rabbitmqctl("set_disk_free_limit", free)

    def _connection(self) -> pika.BlockingConnection:
        parameters = pika.URLParameters(self._servers.broker_url)
        parameters.blocked_connection_timeout = HEALED_WITHIN
        # One that was killed may be on its way back.
        return eventually(lambda: pika.BlockingConnection(parameters), HEALED_WITHIN)


def _send(pid: int, number: signal.Signals) -> None:
    """A signal to a process that may have ended."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)
