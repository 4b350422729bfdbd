"""What each service's login opens in RabbitMQ: what its table says, and nothing else."""

from typing import Any

import pika
import pytest
import requests
from pika.exceptions import ChannelClosedByBroker

from servicekit.amqp.broker import BrokerSettings
from servicekit.amqp.publish import publish
from servicekit.backoff import Backoff
from servicekit.errors import UnavailableError
from tests.support.broker import TIMEOUT, Broker

ACCESS_REFUSED = 403  # AMQP 0-9-1's own code
FLAGS = ("running-video", "running-mp3")  # whose absence is a part of a pause
EXCHANGES = (
    *("", "to-video", "to-mp3", *FLAGS),
    *("amq.direct", "amq.fanout", "amq.topic", "amq.headers"),
)
QUEUES = ("video", "mp3", "dead")
Call = tuple[str, dict[str, Any]]  # a method of the channel, and its arguments


def attempts() -> dict[str, list[Call]]:
    """All that a login can try, by what it is: `publish to-video mp3`."""
    tried: dict[str, list[Call]] = {
        "declare other": [("queue_declare", {"queue": "other", "durable": True})],
        "declare a queue without a name": [("queue_declare", {"queue": "", "exclusive": True})],
        "declare-exchange other": [("exchange_declare", {"exchange": "other"})],
        "pause video": [("exchange_declare", {"exchange": "paused-video"})],
        "resume video": [("exchange_delete", {"exchange": "paused-video"})],
    }
    for queue in QUEUES:
        tried |= _on_queue(queue)
    for exchange in EXCHANGES:
        tried |= _on_exchange(exchange)
    return tried


def _on_queue(queue: str) -> dict[str, list[Call]]:
    name = {"queue": queue}
    durable = name | {"durable": True}
    to_default = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "mp3"}
    return {
        f"consume {queue}": [("basic_consume", name | {"on_message_callback": print})],
        f"get {queue}": [("basic_get", name)],
        f"purge {queue}": [("queue_purge", name)],
        f"declare {queue}": [("queue_declare", durable)],
        f"delete {queue}": [("queue_delete", name)],
        f"lead {queue} elsewhere": [
            ("queue_delete", name),
            ("queue_declare", durable | {"arguments": to_default}),
        ],
    }


def _on_exchange(exchange: str) -> dict[str, list[Call]]:
    name = exchange or "default"
    tried: dict[str, list[Call]] = {}
    for key in QUEUES:
        message = {"exchange": exchange, "routing_key": key, "body": b"{}"}
        tried[f"publish {name} {key}"] = [("basic_publish", message)]
    if not exchange:  # nobody can bind to it or delete it
        return tried
    for queue in QUEUES:
        binding = {"queue": queue, "exchange": exchange, "routing_key": queue}
        tried[f"bind {name} {queue}"] = [("queue_bind", binding)]
        tried[f"unbind {name} {queue}"] = [("queue_unbind", binding)]
    for other in EXCHANGES[1:]:
        join = {"source": exchange, "destination": other}
        tried[f"join {name} {other}"] = [("exchange_bind", join)]
    tried[f"delete-exchange {name}"] = [("exchange_delete", {"exchange": exchange})]
    return tried


# Who declares a queue again after it was deleted may also delete it; who binds one, unbind it; who
# looks whether its queue is paused, pause it (RabbitMQ 4 asks for the right to declare). What the
# routing key says is the sender's own: an exchange leads to its queue by that key alone.
ALLOWED = {
    "gateway": {
        *(f"publish to-video {key}" for key in QUEUES),
        *("bind to-video video", "unbind to-video video", "join to-video to-video"),
    },
    "converter": {
        *("consume video", "get video", "purge video", "declare video", "delete video"),
        *("pause video", "resume video", "delete-exchange running-video"),
        *(f"publish to-mp3 {key}" for key in QUEUES),
        *("bind to-mp3 mp3", "unbind to-mp3 mp3", "join to-mp3 to-mp3"),
    },
    "notification": {
        *("consume mp3", "get mp3", "purge mp3", "declare mp3", "delete mp3"),
        "delete-exchange running-mp3",
    },
}


@pytest.mark.parametrize("service", ALLOWED)
def test_a_stolen_login_opens_its_own_table_and_nothing_else(service: str, broker: Broker) -> None:
    opened = set()
    for name, calls in attempts().items():
        if _are_allowed(broker.url(service), calls):
            opened.add(name)
            broker.set_up()  # what was deleted is there again
    assert opened == ALLOWED[service]


def _are_allowed(url: str, calls: list[Call]) -> bool:
    """Whether the broker lets a login do it; any answer but that it must not is an error."""
    with pika.BlockingConnection(_settings(url).parameters()) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        try:
            for method, arguments in calls:
                getattr(channel, method)(**arguments)
        except ChannelClosedByBroker as refused:
            assert refused.reply_code == ACCESS_REFUSED, refused
            return False
    return True


@pytest.mark.parametrize("service", ALLOWED)
def test_no_service_may_use_the_management_interface(service: str, broker: Broker) -> None:
    login = _settings(broker.url(service)).parameters()[0].credentials
    for path in ("overview", "queues", "definitions", "users"):
        url = f"{broker.server.management_url}/api/{path}"
        answer = requests.get(url, auth=(login.username, login.password), timeout=TIMEOUT)
        assert answer.status_code == 401, path


def _settings(url: str) -> BrokerSettings:
    return BrokerSettings(url, 20, 5, 8, Backoff(0.1, 1))


@pytest.mark.parametrize(("service", "queue"), [("gateway", "mp3"), ("notification", "video")])
def test_a_refused_publish_is_told_at_once_with_its_reason(
    service: str, queue: str, broker: Broker
) -> None:
    with pytest.raises(UnavailableError, match="ACCESS_REFUSED"):
        publish(_settings(broker.url(service)), queue, "{}")
    assert broker.ready(queue) == 0


@pytest.mark.parametrize(("service", "queue"), [("gateway", "video"), ("converter", "mp3")])
def test_a_queue_that_was_declared_again_is_published_to(
    service: str, queue: str, broker: Broker
) -> None:
    publish(_settings(broker.url(service)), queue, "before")
    broker.delete_queue(queue)
    broker.set_up()
    publish(_settings(broker.url(service)), queue, "after")
    assert broker.ready(queue) == 1
