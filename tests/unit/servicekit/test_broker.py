"""RabbitMQ may have several nodes: a client finds one that answers."""

import gc
import socket
import time

import pika
import pytest

from servicekit.amqp.broker import BrokerSettings
from servicekit.amqp.publish import publish
from servicekit.errors import UnavailableError
from servicekit.settings import Env


def settings(url: str, **more: str) -> BrokerSettings:
    env = Env({"RABBITMQ_URL": url} | more)
    read = BrokerSettings.read(env)
    env.check()
    return read


def test_each_node_of_a_url_is_reached_by_the_same_login_at_the_same_virtual_host() -> None:
    nodes = settings("amqp://me:secret@one:1,two:2,three:3/jobs").parameters()
    assert {(node.host, node.port) for node in nodes} == {("one", 1), ("two", 2), ("three", 3)}
    for node in nodes:
        assert node.credentials == pika.PlainCredentials("me", "secret")
        assert node.virtual_host == "jobs"


def test_clients_spread_over_the_nodes() -> None:
    several = settings("amqp://one,two,three")
    assert {several.parameters()[0].host for _ in range(100)} == {"one", "two", "three"}


def test_a_url_of_one_node_is_as_ever() -> None:
    (node,) = settings("amqp://me:secret@one:1").parameters()
    assert (node.host, node.port, node.virtual_host) == ("one", 1, "/")


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # pika leaves a begun connection to the gc
def test_a_publication_tries_every_node_within_its_time() -> None:
    """The nodes take connections and say nothing, as one that is frozen."""
    silent = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    hosts = ",".join(f"127.0.0.1:{node.getsockname()[1]}" for node in silent)
    began = time.monotonic()
    with pytest.raises(UnavailableError, match="no connection in time"):
        publish(settings(f"amqp://{hosts}", RABBITMQ_PUBLISH_TIMEOUT="1"), "video", "{}")
    assert 0.9 < time.monotonic() - began < 2
    for node in silent:
        node.settimeout(1)
        node.accept()[0].close()
        node.close()
    gc.collect()
