"""What KEDA sees of the queues as the user that --keda gives it, and that it may do no more."""

import secrets
from collections.abc import Iterator

import pika
import pytest
import requests
from pika.exceptions import ChannelClosedByBroker

from tests.support.broker import TIMEOUT, Broker
from tests.support.wait import until

Login = tuple[str, str]


@pytest.fixture
def keda(broker: Broker) -> Iterator[Login]:
    """A user as scripts/keda.sh makes it, for the test's own virtual host."""
    name, password = f"keda-{secrets.token_hex(4)}", secrets.token_hex()
    rabbitmqctl = broker.server.rabbitmqctl
    rabbitmqctl("add_user", name, password)
    rabbitmqctl("set_user_tags", name, "management")
    rabbitmqctl("set_permissions", "-p", broker.vhost, name, "^$", "^$", "^$")
    yield name, password
    rabbitmqctl("delete_user", name)


def call(broker: Broker, login: Login, method: str, path: str) -> requests.Response:
    url = f"{broker.server.management_url}/api/{path}"
    return requests.request(method, url, auth=login, timeout=TIMEOUT)


def test_keda_counts_a_job_that_a_converter_holds_and_by_amqp_would_not(
    broker: Broker, keda: Login
) -> None:
    for _ in range(3):
        broker.publish("video", "{}")

    def counted() -> int:
        answer = call(broker, keda, "GET", f"queues/{broker.vhost}/video")
        assert answer.status_code == 200, answer.text
        return int(answer.json().get("messages", 0))

    with pika.BlockingConnection(pika.URLParameters(broker.admin_url)) as converter:
        converter.channel().basic_get("video")
        until(lambda: broker.ready("video") == 2, "one is held")  # what AMQP tells
        until(lambda: counted() == 3, "three are counted")


def test_keda_can_use_no_queue_and_change_nothing(broker: Broker, keda: Login) -> None:
    broker.publish("video", "{}")
    for method, path in (
        ("GET", "definitions"),
        ("GET", "users"),
        ("DELETE", f"queues/{broker.vhost}/video/contents"),
        ("DELETE", f"queues/{broker.vhost}/video"),
        ("DELETE", f"exchanges/{broker.vhost}/to-video"),
    ):
        assert call(broker, keda, method, path).status_code in (400, 401), path
    for method, arguments in (
        ("basic_get", ["video"]),
        ("basic_publish", ["to-video", "video", b"{}"]),
        ("basic_publish", ["", "video", b"{}"]),
        ("queue_declare", ["other"]),
    ):
        with pika.BlockingConnection(_parameters(broker, keda)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
                getattr(channel, method)(*arguments)
    assert broker.ready("video") == 1


def _parameters(broker: Broker, login: Login) -> pika.URLParameters:
    parameters = pika.URLParameters(broker.admin_url)
    parameters.credentials = pika.PlainCredentials(*login)
    return parameters
