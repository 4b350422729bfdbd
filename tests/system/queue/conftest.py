"""Queues, workers and jobs of a test's own, on the stack's real servers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import media
from tests.support.broker import Broker
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.relay import Relay
from tests.support.smtp import SmtpServer
from tests.support.stack import Stack
from tests.support.workers import Workers


@pytest.fixture
def broker(stack: Stack) -> Iterator[Broker]:
    with Broker(stack) as broker:
        yield broker


@pytest.fixture
def exits() -> Iterator[ExitStack]:
    """Ends, in reverse order, whatever was entered."""
    with ExitStack() as exits:
        yield exits


@pytest.fixture
def workers(stack: Stack, broker: Broker, tmp_path: Path, exits: ExitStack) -> Workers:
    work_dir = tmp_path / "work"
    work_dir.mkdir()
    return Workers(stack, broker, work_dir, exits)


@pytest.fixture(scope="session")
def jobs(stack: Stack) -> Iterator[Jobs]:
    jobs = Jobs(stack.env["MONGODB_URI"])
    with jobs.client:
        yield jobs


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path)
    yield gate
    gate.close()


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def relay_to(exits: ExitStack) -> Callable[[tuple[str, int]], Relay]:
    """Makes relays that close with the test."""
    return lambda address: exits.enter_context(Relay(*address))


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A video of one second with sound."""
    return media.with_sound(tmp_path_factory.mktemp("clip") / "clip.mp4", 1).read_bytes()


@pytest.fixture(scope="session")
def silent_clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A video of one second without sound."""
    return media.silent(tmp_path_factory.mktemp("silent") / "silent.mp4", 1).read_bytes()
