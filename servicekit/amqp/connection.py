"""A connection to RabbitMQ, or the reason why there is none."""

import pika
from pika.adapters.utils.connection_workflow import (
    AMQPConnectionWorkflowFailed,
    AMQPConnectorException,
    AMQPConnectorPhaseErrorBase,
)
from pika.exceptions import AMQPConnectionError, AMQPError

from servicekit.amqp.broker import BrokerSettings
from servicekit.errors import UnavailableError


def connect(settings: BrokerSettings) -> pika.BlockingConnection:
    """A connection to the first node that answers; UnavailableError says why the last does not."""
    try:
        return pika.BlockingConnection(settings.parameters())
    except (AMQPError, AMQPConnectorException, OSError) as error:
        raise UnavailableError(f"RabbitMQ: {reason(error)}") from error


def reason(error: BaseException | str) -> str:
    """What a connection failed with, in one line: pika wraps it in errors that print as nothing."""
    match error:
        case AMQPConnectionWorkflowFailed(exceptions=(*_, last)):
            return reason(last)
        case AMQPConnectorPhaseErrorBase(exception=cause):
            return reason(cause)
        case AMQPConnectionError(args=(BaseException() as cause,)):
            return reason(cause)
    return f"{type(error).__name__}: {error}"
