"""All that a request waits for has one limit, and each of it its own."""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pymongo.errors import PyMongoError

import deadline
from deadline import Deadline
from servicekit.errors import UnavailableError
from servicekit.gridfs import mongodb
from servicekit.gridfs.mongodb import Client
from settings import Settings
from tests.support.settings import NEEDED

SHORT, LONG = 0.3, 30.0  # seconds


@pytest.fixture
def silent() -> Iterator[Callable[[float], Client]]:
    """Makes clients of a MongoDB that does not answer, with this timeout of each operation."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        uri = f"mongodb://127.0.0.1:{server.getsockname()[1]}"
        of_gateway = Settings.from_env(NEEDED).mongo
        yield lambda timeout: mongodb.connect(replace(of_gateway, uri=uri, timeout=timeout))


def seconds_of_ping(client: Client) -> float:
    started = time.monotonic()
    with client, pytest.raises(PyMongoError) as raised:
        mongodb.ping(client)
    assert mongodb.is_down(raised.value)
    return time.monotonic() - started


def test_an_operation_ends_with_its_request(
    silent: Callable[[float], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "LIMIT", SHORT)
    one = Deadline()
    assert seconds_of_ping(silent(LONG)) < LONG / 2
    with pytest.raises(UnavailableError):
        one.left(LONG)
    assert seconds_of_ping(silent(LONG)) < SHORT  # nothing is left
    one.end()


def test_an_operation_still_has_its_own_timeout(silent: Callable[[float], Client]) -> None:
    one = Deadline()
    assert seconds_of_ping(silent(SHORT)) < deadline.LIMIT / 2
    assert one.left(LONG) < deadline.LIMIT
    assert one.left(1) == 1
    one.end()


def test_a_clients_time_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr(deadline, "LIMIT", SHORT)
    monkeypatch.setattr(deadline, "time", SimpleNamespace(monotonic=lambda: now))
    one = Deadline()
    with one.paused():
        now += 2 * SHORT
    assert one.left(LONG) > SHORT / 2
    one.end()
