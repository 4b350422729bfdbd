"""What the commands `dead` and `queue` share: the broker's address, the connection, its errors."""

import os
import sys
from collections.abc import Callable

import pika
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError

DEFAULT_URL = "amqp://guest:guest@localhost:5672"
EPILOG = f"RABBITMQ_URL [{DEFAULT_URL}] says where."
TIMEOUT_S = 10


def run(name: str, action: Callable[[pika.BlockingConnection], int]) -> int:
    """The exit code of command `name`: 0 if `action` says that nothing failed, else 1."""
    parameters = pika.URLParameters(os.environ.get("RABBITMQ_URL") or DEFAULT_URL)
    parameters.socket_timeout = parameters.stack_timeout = TIMEOUT_S
    parameters.blocked_connection_timeout = TIMEOUT_S
    try:
        with pika.BlockingConnection(parameters) as connection:
            failures = action(connection)
    except (AMQPError, AMQPConnectorException, OSError) as error:
        print(f"{name}: RabbitMQ: {error!r}", file=sys.stderr)
        return 1
    return 1 if failures else 0
