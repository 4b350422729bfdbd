"""How the services reach RabbitMQ."""

from dataclasses import dataclass, field

import pika

from servicekit.backoff import Backoff
from servicekit.settings import Env


@dataclass(frozen=True)
class BrokerSettings:
    """Where RabbitMQ is; all times in seconds."""

    url: str = field(repr=False)
    heartbeat: int
    connect_timeout: float
    publish_timeout: float
    reconnect: Backoff

    @classmethod
    def read(cls, env: Env) -> "BrokerSettings":
        """Read `RABBITMQ_*`; problems are left with `env`."""
        return cls(
            url=env.url("RABBITMQ_URL", "amqp://guest:guest@rabbitmq:5672", ("amqp", "amqps")),
            heartbeat=env.integer("RABBITMQ_HEARTBEAT", 20, 1, 600),
            connect_timeout=env.seconds("RABBITMQ_CONNECT_TIMEOUT", 5, 0.1, 60),
            publish_timeout=env.seconds("RABBITMQ_PUBLISH_TIMEOUT", 8, 0.1, 60),
            reconnect=Backoff.read(env, "RABBITMQ_RECONNECT", 0.5, 10),
        )

    def parameters(self, connect_timeout: float | None = None) -> pika.URLParameters:
        """pika's form of these settings, with one connection attempt: callers do the retrying."""
        parameters = pika.URLParameters(self.url)
        parameters.heartbeat = self.heartbeat
        parameters.socket_timeout = connect_timeout or self.connect_timeout
        parameters.stack_timeout = connect_timeout or self.connect_timeout
        parameters.connection_attempts = 1
        return parameters


def ping(settings: BrokerSettings, timeout: float = 2.0) -> None:
    """Raise pika.exceptions.AMQPError when RabbitMQ takes no connection in `timeout` seconds."""
    pika.BlockingConnection(settings.parameters(timeout)).close()
