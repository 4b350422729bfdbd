"""Auth uses the first MySQL server of its list that answers."""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import MySQLdb
import pytest

import mysql
from mysql import Connection, MySqlServer
from servicekit.kept import LIFE
from settings import Settings


@dataclass
class Link:
    """A connection to a host."""

    host: str


GOOD = {"MYSQL_PASSWORD": "Auth123!", "JWT_SECRET": "s" * 32}


@pytest.fixture
def down() -> set[str]:
    """The hosts that do not answer."""
    return {"down", "down-1", "down-2"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, down: set[str]) -> list[str]:
    """The hosts that were asked."""
    hosts: list[str] = []

    def connect(host: str, **_: Any) -> Link:
        hosts.append(host)
        if host in down:
            raise MySQLdb.OperationalError(2003, f"Can't connect to {host}")
        return Link(host)

    monkeypatch.setattr(mysql, "Connection", connect)
    return hosts


def server(hosts: str) -> MySqlServer:
    return MySqlServer(Settings.from_env(GOOD | {"MYSQL_HOST": hosts}).mysql)


def connecting(hosts: str) -> Callable[[], str]:
    """Connects, and says to which of the hosts."""
    servers: Any = server(hosts)  # of which each connection is a Link here
    return lambda: str(servers.connect("user", "password", "database").host)


def test_the_first_host_is_used_while_it_answers(asked: list[str]) -> None:
    connect = connecting("primary,replica")
    assert [connect(), connect()] == ["primary", "primary"]
    assert asked == ["primary", "primary"]


def test_the_next_host_is_used_when_one_does_not_answer(asked: list[str]) -> None:
    assert connecting("down-1, down-2, replica")() == "replica"
    assert asked == ["down-1", "down-2", "replica"]


def test_a_host_that_did_not_answer_is_asked_last_for_half_a_minute(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    connect = connecting("down,replica")
    connect(), connect()
    assert asked == ["down", "replica", "replica"]
    now += mysql.ASKED_LAST
    connect()
    assert asked[3:] == ["down", "replica"]


def test_when_none_answers_the_last_ones_error_is_raised(asked: list[str]) -> None:
    connect = connecting("down-1,down-2")
    for _ in range(2):
        with pytest.raises(MySQLdb.OperationalError, match="down-2"):
            connect()
    assert asked == ["down-1", "down-2"] * 2


def test_a_host_that_answers_again_is_asked_before_one_that_does_not(
    asked: list[str], down: set[str]
) -> None:
    connect = connecting("down-1,down-2")
    with pytest.raises(MySQLdb.OperationalError):
        connect()
    down.remove("down-2")
    connect(), connect()
    assert asked[2:] == ["down-1", "down-2", "down-2"]


def test_a_connection_is_good_for_seconds_and_until_mysql_closes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    ours, mysqls = socket.socketpair()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(MySQLdb.connections.Connection, "__init__", lambda *_, **__: None)
    monkeypatch.setattr(Connection, "fileno", ours.fileno, raising=False)
    with ours:
        first = Connection()
        assert first.is_good()
        now += LIFE
        assert not first.is_good()
        second = Connection()
        assert second.is_good()
        mysqls.close()
        assert not second.is_good()
