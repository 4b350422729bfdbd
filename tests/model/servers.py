"""The servers of a story, which may go away: the local stack's, or three brokers and mongods."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from local.stack.paths import replace
from tests.model.victims import Nodes, Program, Victim
from tests.support import rabbitmq
from tests.support.broker import Broker
from tests.support.broker_nodes import BrokerNode, BrokerNodes
from tests.support.place import on_loopback
from tests.support.proof import nothing_on_its_way
from tests.support.rabbitmq import USERS, product_definitions
from tests.support.replica_set import ReplicaSet
from tests.support.stack import Stack

ON_THEM = ("gateway:*", "converter:*", "notification:*")
ALONE = ("mariadb", "mailcatcher")  # of which there is one in any case
REPLACED = ("rabbitmq", "mongod")


@dataclass(frozen=True)
class Servers:
    """Where the jobs and the queues are, and who may go away, by name.

    `broker_url` is the administrator's, of the virtual host with the queues. `rabbitmqctl` acts on
    all nodes, `ask_broker` is the same of one. `wait_until_whole` returns once no node is missing.
    """

    mongodb_uri: str
    broker_url: str
    vhost: str
    rabbitmqctl: Callable[..., str]
    ask_broker: Callable[..., str]
    victims: Mapping[str, Victim]
    wait_until_whole: Callable[[], object]

    def at_rest(self) -> bool:
        """Whether no message is left on the queues, also of what a worker has."""
        return nothing_on_its_way(self.ask_broker, self.vhost)


def of_stack(stack: Stack) -> Servers:
    """The local stack's own."""
    rabbitmqctl = partial(stack.ctl, "rabbitmqctl")
    return Servers(
        mongodb_uri=stack.env["MONGODB_URI"],
        broker_url=stack.env["RABBITMQ_URL"],
        vhost="/",
        rabbitmqctl=rabbitmqctl,
        ask_broker=rabbitmqctl,
        victims={name: Program(stack, name) for name in (*ALONE, *REPLACED)},
        wait_until_whole=lambda: None,
    )


@contextmanager
def of_three(stack: Stack, folder: Path) -> Iterator[Servers]:
    """Three brokers and three mongods: the stack's services use them until it is started again."""
    places = on_loopback(3)
    with (
        BrokerNodes(places, folder, product_definitions()) as brokers,
        # On a virtual host of its own: 3.10 gives one that is there no default queue type.
        Broker(rabbitmq.of_nodes(brokers)) as broker,
        ReplicaSet(stack, folder / "mongods", places) as mongods,
    ):
        _use(stack, mongods.uri, broker)
        yield _three(stack, broker, brokers, mongods)


def _use(stack: Stack, mongodb_uri: str, broker: Broker) -> None:
    secrets = stack.folder / "secrets"
    replace(secrets / "mongodb_uri", mongodb_uri)
    for user in USERS:
        replace(secrets / f"rabbitmq_url_{user}", broker.url(user))
    stack.stop(*REPLACED)
    stack.restart(*ON_THEM)
    stack.wait_ready()


def _three(stack: Stack, broker: Broker, brokers: BrokerNodes, mongods: ReplicaSet) -> Servers:
    def leader() -> list[BrokerNode]:
        name = broker.queue("video")["leader"]
        return [node for node in brokers.nodes if node.name == name]

    def wait_until_whole() -> None:
        brokers.wait_until_whole()
        mongods.wait_until_whole()

    alone: dict[str, Victim] = {name: Program(stack, name) for name in ALONE}
    return Servers(
        mongodb_uri=mongods.uri,
        broker_url=broker.admin_url,
        vhost=broker.vhost,
        rabbitmqctl=brokers.ctl,
        ask_broker=brokers.nodes[0].ctl,
        victims=alone
        | {
            "rabbitmq": Nodes(lambda: brokers.nodes),
            "the leader of rabbitmq": Nodes(leader),
            "mongod": Nodes(lambda: mongods.members),
            "the primary of mongod": Nodes(lambda: [mongods.primary()]),
        },
        wait_until_whole=wait_until_whole,
    )
