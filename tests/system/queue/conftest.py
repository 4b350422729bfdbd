"""Queues, workers and jobs of a test's own, on real servers."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import cluster_broker, media, rabbitmq
from tests.support.broker import Broker
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.mongod import Mongod
from tests.support.place import on_loopback
from tests.support.rabbitmq import Server
from tests.support.relay import Relay, RelayTo
from tests.support.replica_set import ReplicaSet
from tests.support.smtp import SmtpServer
from tests.support.stack import Stack
from tests.support.workers import Workers

# As tests/run sets them: `cluster`, `ha` or `three`, and `three`.
BROKER, MONGODB = os.environ.get("BROKER"), os.environ.get("MONGODB")


@pytest.fixture(scope="session")
def server(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if BROKER in ("cluster", "ha"):
        with cluster_broker.of_cluster(3 if BROKER == "ha" else 1) as server:
            yield server
    elif BROKER == "three":
        with rabbitmq.of_three(tmp_path_factory.mktemp("brokers")) as server:
            yield server
    else:
        yield rabbitmq.of_stack(stack)


@pytest.fixture(scope="session")
def mongodb(
    stack: Stack, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Mongod | ReplicaSet]:
    """The tests' own MongoDB, of one member or of three."""
    if MONGODB == "three":
        folder = tmp_path_factory.mktemp("mongods")
        with ReplicaSet(stack, folder, on_loopback(3)) as members:
            yield members
    else:
        yield request.getfixturevalue("own_mongod")


@pytest.fixture
def local_broker() -> None:
    """Skips a test of the local stack's own servers where the tests use others."""
    if BROKER or MONGODB:
        pytest.skip("the servers are not the local stack's")


@pytest.fixture
def broker(server: Server) -> Iterator[Broker]:
    with Broker(server) as broker:
        yield broker


@pytest.fixture
def exits() -> Iterator[ExitStack]:
    """Closes, in reverse order, what a test enters."""
    with ExitStack() as exits:
        yield exits


@pytest.fixture
def workers(stack: Stack, broker: Broker, jobs: Jobs, tmp_path: Path, exits: ExitStack) -> Workers:
    jobs.forget_waiting()
    work_dir = tmp_path / "work"
    work_dir.mkdir()
    return Workers(stack, broker, jobs.uri, work_dir, exits)


@pytest.fixture
def jobs(mongodb: Mongod | ReplicaSet) -> Iterator[Jobs]:
    with Jobs(mongodb.uri) as jobs:
        yield jobs


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with Gate(tmp_path) as gate:
        yield gate


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def relay_to(exits: ExitStack, mongodb: Mongod | ReplicaSet) -> RelayTo:
    """Makes relays that close with the test; to a replica set, before its primary."""

    def relay(url: str) -> Relay:
        if isinstance(mongodb, ReplicaSet) and url == mongodb.uri:
            url = mongodb.primary_uri()
        return exits.enter_context(Relay(url))

    return relay


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A video of one second with sound."""
    return media.with_sound(tmp_path_factory.mktemp("clip") / "clip.mp4", 1).read_bytes()


@pytest.fixture(scope="session")
def silent_clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A video of one second without sound."""
    return media.silent(tmp_path_factory.mktemp("silent") / "silent.mp4", 1).read_bytes()
