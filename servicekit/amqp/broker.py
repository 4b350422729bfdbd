"""How the services reach RabbitMQ, which may have several nodes."""

import random
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pika

from servicekit.backoff import Backoff
from servicekit.settings import Env


@dataclass(frozen=True)
class BrokerSettings:
    """Where RabbitMQ is; all times in seconds.

    `url` may name several nodes, as MongoDB's URIs do: amqp://user:password@one:5672,two:5672.
    With amqps they are verified, against the authorities of `ca_file` or else the system's.
    """

    url: str = field(repr=False)
    heartbeat: int
    connect_timeout: float
    publish_timeout: float
    reconnect: Backoff
    ca_file: str = ""

    @classmethod
    def read(cls, env: Env, publish_timeout: float = 8) -> "BrokerSettings":
        """Read `RABBITMQ_*`, with this default; problems are left with `env`."""
        return cls(
            url=env.url("RABBITMQ_URL", "amqp://guest:guest@rabbitmq:5672", ("amqp", "amqps")),
            heartbeat=env.integer("RABBITMQ_HEARTBEAT", 20, 1, 600),
            connect_timeout=env.seconds("RABBITMQ_CONNECT_TIMEOUT", 5, 0.1, 60),
            publish_timeout=env.seconds("RABBITMQ_PUBLISH_TIMEOUT", publish_timeout, 0.1, 60),
            reconnect=Backoff.read(env, "RABBITMQ_RECONNECT", 0.5, 10),
            ca_file=env.file("RABBITMQ_CA_FILE"),
        )

    def parameters(self) -> Sequence[pika.URLParameters]:
        """pika's form of these settings, one for each node, in the order in which to try them.

        The order is a random one: clients spread over the nodes, and none insists on a dead one.
        Each is tried once: callers do the retrying.
        """
        parts = urlsplit(self.url)
        account, at, hosts = parts.netloc.rpartition("@")
        nodes = [parts._replace(netloc=account + at + host).geturl() for host in hosts.split(",")]
        return [self._to(node) for node in random.sample(nodes, len(nodes))]

    def _to(self, node: str) -> pika.URLParameters:
        parameters = pika.URLParameters(node)
        if self.ca_file and parameters.ssl_options:
            context = ssl.create_default_context(cafile=self.ca_file)
            parameters.ssl_options = pika.SSLOptions(context, parameters.host)
        parameters.heartbeat = self.heartbeat
        parameters.socket_timeout = self.connect_timeout
        parameters.stack_timeout = self.connect_timeout
        parameters.connection_attempts = 1
        return parameters
