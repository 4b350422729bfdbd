"""A virtual host of a test's own on a real broker, set up as the product's is."""

import uuid
from typing import Any, Self

import pika
import requests
from bson import ObjectId
from pika.exceptions import AMQPError

from servicekit.jobs.message import JobMessage
from tests.support.closing import Closing
from tests.support.rabbitmq import Server
from tests.support.wait import until

TIMEOUT = 20  # seconds
DEAD_QUEUE = "dead"
_KEPT = ("policies", "permissions", "exchanges", "queues")  # of the product's definitions


class Broker(Closing):
    """A context manager: the virtual host exists as long as it is open."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.vhost = f"test-{uuid.uuid4().hex[:8]}"
        # It ends when the broker does.
        self._witness = pika.BlockingConnection(
            pika.URLParameters(f"{server.admin_url}?heartbeat=0")
        )

    def __enter__(self) -> Self:
        self.set_up()
        return self

    def set_up(self) -> None:
        """Make all that the product's definitions name and that is missing."""
        definitions = _moved(self.server.definitions, self.vhost)
        self._call("POST", "definitions", json=definitions)

    def close(self) -> None:
        """Delete the virtual host with all its queues, unless the broker has ended meanwhile.

        A queue of RabbitMQ 3.10 that is deleted while it gets a leader, after a restart, takes the
        supervisor of all dead-lettering along, and no queue works any more.
        """
        try:
            self._witness.process_data_events(0)
            self._witness.close()
        except AMQPError:
            return
        self._call("DELETE", f"vhosts/{self.vhost}")

    def url(self, service: str) -> str:
        """A service's RABBITMQ_URL."""
        return f"{self.server.urls[service]}/{self.vhost}"

    @property
    def admin_url(self) -> str:
        """The administrator's RABBITMQ_URL, which may use every queue."""
        return f"{self.server.admin_url}/{self.vhost}"

    def publish(self, queue: str, body: str | bytes) -> None:
        """Publish any message to a queue, and wait for the confirm."""
        with self._connection() as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish("", queue, body, mandatory=True)

    def submit(self, video_fid: ObjectId, username: str) -> None:
        """Publish the message of a job."""
        self.publish("video", JobMessage(video_fid, username).encode())

    def ready(self, queue: str) -> int:
        """How many messages of a queue are ready, which means with no consumer."""
        with self._connection() as connection:
            return int(connection.channel().queue_declare(queue, passive=True).method.message_count)

    def consumers(self, queue: str) -> int:
        """How many consumers a queue has."""
        with self._connection() as connection:
            found = connection.channel().queue_declare(queue, passive=True)
            return int(found.method.consumer_count)

    def exists(self, queue: str) -> bool:
        """Whether there is such a queue."""
        with self._connection() as connection:
            try:
                connection.channel().queue_declare(queue, passive=True)
            except pika.exceptions.ChannelClosedByBroker:
                return False
            return True

    def delete_queue(self, queue: str) -> None:
        """Delete a queue, which cancels its consumers."""
        with self._connection() as connection:
            connection.channel().queue_delete(queue)

    def delete_exchange(self, exchange: str) -> None:
        """Delete an exchange."""
        with self._connection() as connection:
            connection.channel().exchange_delete(exchange)

    def dead(self) -> list[bytes]:
        """The bodies of the messages in the dead queue, which stay there."""
        with self._connection() as connection:
            channel = connection.channel()
            return [body for _, _, body in iter(lambda: channel.basic_get(DEAD_QUEUE), _NOTHING)]

    def take(self, queue: str) -> list[JobMessage]:
        """The messages that are ready, acknowledged as they are read."""
        with self._connection() as connection:
            channel = connection.channel()
            got = [body for _, _, body in iter(lambda: channel.basic_get(queue, True), _NOTHING)]
        return [JobMessage.decode(body) for body in got]

    def wait_for(self, queue: str, count: int, timeout: float = 30) -> None:
        """Return once `count` messages of a queue are ready."""
        until(lambda: self.ready(queue) == count, f"{count} messages in {queue}", timeout)

    def queue(self, name: str) -> dict[str, Any]:
        """What the management API says of a queue."""
        return dict(self._call("GET", f"queues/{self.vhost}/{name}").json())

    def _connection(self) -> pika.BlockingConnection:
        parameters = pika.URLParameters(self.admin_url)
        parameters.blocked_connection_timeout = TIMEOUT
        return pika.BlockingConnection(parameters)

    def _call(self, method: str, path: str, **options: Any) -> requests.Response:
        answer = requests.request(
            method,
            f"{self.server.management_url}/api/{path}",
            auth=self.server.admin,
            timeout=TIMEOUT,
            **options,
        )
        answer.raise_for_status()
        return answer


_NOTHING = (None, None, None)  # basic_get's answer when a queue is empty


def _moved(product: dict[str, Any], vhost: str) -> dict[str, Any]:
    """The product's definitions, for another virtual host."""
    (slash,) = (found for found in product["vhosts"] if found["name"] == "/")
    moved: dict[str, Any] = {"vhosts": [slash | {"name": vhost}]}
    for kind in _KEPT:
        moved[kind] = [found | {"vhost": vhost} for found in product[kind]]
    return moved
