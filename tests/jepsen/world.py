"""Three brokers and three mongods on machines of their own, and the services that use them."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from tests.jepsen.network import Network
from tests.support import rabbitmq
from tests.support.broker import Broker
from tests.support.broker_nodes import BrokerNode, BrokerNodes
from tests.support.closing import Closing
from tests.support.mongod import Mongod
from tests.support.place import Place
from tests.support.process import Process
from tests.support.replica_set import ReplicaSet
from tests.support.smtp import SmtpServer
from tests.support.stack import Stack
from tests.support.wait import eventually

MACHINES = 3
LEADER_WITHIN = 60  # seconds: a broker that was in a minority comes back by and by
GATEWAYS, CONVERTERS, NOTIFIERS = 2, 2, 2


class World(Closing):
    """A context manager; the local stack, which must be up, lends its auth service and users."""

    def __init__(self, stack: Stack) -> None:
        self._exits = ExitStack()
        folder = Path(self._exits.enter_context(tempfile.TemporaryDirectory(prefix="jepsen-")))
        try:
            self._start(stack, folder)
        except BaseException:  # whatever it was, no network and no server may stay
            self._exits.close()
            raise

    def close(self) -> None:
        """End all of it."""
        self._exits.close()

    @property
    def machines(self) -> list[Place]:
        """Where the servers are, one broker and one mongod on each."""
        return self.network.machines

    @property
    def addresses(self) -> list[str]:
        """The machines' addresses."""
        return [machine.address for machine in self.machines]

    def broker_on(self, machine: Place) -> BrokerNode:
        """Its broker."""
        return next(node for node in self.brokers.nodes if node.place == machine)

    def mongod_on(self, machine: Place) -> Mongod:
        """Its mongod."""
        return next(m for m in self.mongods.members if m.place == machine)

    def leader(self) -> Place:
        """The machine whose broker leads the queue `video`, once the first broker can tell."""
        name = eventually(lambda: self.queues.queue("video")["leader"], LEADER_WITHIN)
        return next(node.place for node in self.brokers.nodes if node.name == name)

    def primary(self) -> Place:
        """The machine with MongoDB's primary."""
        return self.mongods.primary().place

    def wait_until_whole(self) -> None:
        """Return once all servers see one another."""
        self.brokers.restart_until_whole()
        self.mongods.wait_until_whole()

    def _start(self, stack: Stack, folder: Path) -> None:
        enter = self._exits.enter_context
        self.network = enter(Network(MACHINES, folder))
        for name in ("brokers", "mongods", "work"):
            (folder / name).mkdir()
        definitions = rabbitmq.product_definitions()
        self.brokers = enter(BrokerNodes(self.machines, folder / "brokers", definitions))
        # On a virtual host of its own: 3.10 gives one that is there no default queue type.
        self.queues = enter(Broker(rabbitmq.of_nodes(self.brokers)))
        self.mongods = enter(ReplicaSet(stack, folder / "mongods", self.machines))
        self.smtp = enter(SmtpServer())
        mongodb = {"MONGODB_URI": self.mongods.uri}
        auth = {"AUTH_SVC_ADDRESS": urlsplit(stack.env["AUTH_URL"]).netloc}
        self.gateways = [self._service("gateway", mongodb | auth) for _ in range(GATEWAYS)]
        for _ in range(CONVERTERS):
            self._service("converter", mongodb | {"WORK_DIR": str(folder / "work")})
        for _ in range(NOTIFIERS):
            self._service("notification", self._mail())

    def _service(self, name: str, settings: dict[str, str]) -> Process:
        broker = {"RABBITMQ_URL": self.queues.url(name)}
        process = self._exits.enter_context(Process(name, broker | settings))
        process.wait_until_ready()
        return process

    def _mail(self) -> dict[str, str]:
        return {
            "GMAIL_ADDRESS": "sender@example.com",
            "GMAIL_PASSWORD": "app password",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.smtp.port),
            "SMTP_TLS": "none",
        }
