"""The RabbitMQ that the queues' tests use: the local stack's, or three nodes of their own."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pika
from pika.exceptions import AMQPError

from tests.support.broker_nodes import BrokerNodes
from tests.support.place import on_loopback
from tests.support.project import ROOT
from tests.support.stack import Stack
from tests.support.wait import until

UP_TIMEOUT = 120  # seconds; the kubelet may hold back a container that ended
USERS = ("auth", "gateway", "converter", "notification")


@dataclass(frozen=True)
class Server:
    """A broker as the product sets it up, and what its administrator may do to it.

    `urls` are the services' and `admin_url` the administrator's, `definitions` are the product's,
    `watermark` its share of memory. `counts_returns` says whether a message that a worker hands
    back counts as a failed delivery. `kill` is kill -9; it comes up again by itself, and is `whole`
    once all its nodes are.
    """

    urls: Mapping[str, str] = field(repr=False)
    admin_url: str
    management_url: str
    definitions: dict[str, Any]
    watermark: str
    counts_returns: bool
    rabbitmqctl: Callable[..., str]
    kill: Callable[[], object]
    whole: Callable[[], object] = lambda: None

    @property
    def admin(self) -> tuple[str, str]:
        """The administrator's name and password."""
        parameters = pika.URLParameters(self.admin_url)
        return parameters.credentials.username, parameters.credentials.password

    def wait_until_up(self) -> None:
        """Return once it takes connections, on every node."""
        until(self._answers, "the broker answers", UP_TIMEOUT)
        self.whole()

    def _answers(self) -> bool:
        try:
            pika.BlockingConnection(pika.URLParameters(self.admin_url)).close()
        except (AMQPError, OSError):
            return False
        return True


def of_stack(stack: Stack) -> Server:
    """The local stack's."""
    definitions = stack.folder / "rabbitmq" / "definitions.json"
    return Server(
        urls={user: stack.broker_url(user) for user in USERS},
        admin_url=stack.env["RABBITMQ_URL"],
        management_url=stack.env["RABBITMQ_MANAGEMENT_URL"],
        definitions=json.loads(definitions.read_text(encoding="utf-8")),
        watermark="0.4",
        counts_returns=True,
        rabbitmqctl=partial(stack.ctl, "rabbitmqctl"),
        kill=partial(stack.signal, "KILL", "rabbitmq"),
    )


@contextmanager
def of_three(folder: Path) -> Iterator[Server]:
    """A cluster of three nodes on this machine, of Debian's RabbitMQ as the local stack's."""
    with BrokerNodes(on_loopback(3), folder, product_definitions()) as nodes:
        yield of_nodes(nodes)


def of_nodes(nodes: BrokerNodes) -> Server:
    """All of them as one; what the administrator does is done to each."""
    return Server(
        urls=nodes.urls,
        admin_url=nodes.admin_url,
        management_url=nodes.nodes[0].management_url,
        definitions=nodes.definitions,
        watermark="0.4",
        counts_returns=True,
        rabbitmqctl=nodes.ctl,
        kill=nodes.kill,
        whole=nodes.wait_until_whole,
    )


def product_definitions() -> dict[str, Any]:
    """The manifests' definitions."""
    path = Path(ROOT, "manifests/rabbitmq/definitions.json")
    definitions: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return definitions
