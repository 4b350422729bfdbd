"""Queues, workers and jobs of a test's own, on the stack's real servers."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import media, rabbitmq
from tests.support.broker import Broker
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.rabbitmq import Server
from tests.support.relay import Relay, RelayTo
from tests.support.smtp import SmtpServer
from tests.support.stack import Stack
from tests.support.workers import Workers

IN_CLUSTER = os.environ.get("BROKER") == "cluster"  # as the phase `broker` of tests/run sets it


@pytest.fixture(scope="session")
def server(stack: Stack) -> Iterator[Server]:
    if IN_CLUSTER:
        with rabbitmq.of_cluster() as server:
            yield server
    else:
        yield rabbitmq.of_stack(stack)


@pytest.fixture
def local_broker() -> None:
    """Skips a test of the local stack's broker where the broker is the cluster's."""
    if IN_CLUSTER:
        pytest.skip("the broker is the cluster's")


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
    return Workers(stack, broker, work_dir, exits)


@pytest.fixture
def jobs(stack: Stack) -> Iterator[Jobs]:
    with Jobs(stack.env["MONGODB_URI"]) as jobs:
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
def relay_to(exits: ExitStack) -> RelayTo:
    """Makes relays that close with the test."""
    return lambda url: exits.enter_context(Relay(url))


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A video of one second with sound."""
    return media.with_sound(tmp_path_factory.mktemp("clip") / "clip.mp4", 1).read_bytes()


@pytest.fixture(scope="session")
def silent_clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A video of one second without sound."""
    return media.silent(tmp_path_factory.mktemp("silent") / "silent.mp4", 1).read_bytes()
