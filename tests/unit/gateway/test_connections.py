"""Connections to auth are kept for a while, and never cost a caller its answer."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from auth_svc import connections
from servicekit.kept import Kept

TIMEOUT = 10  # seconds


class Auth(ThreadingHTTPServer):
    """Counts its connections; `hang_up` ends each after an answer, or in place of one.

    The next `lost` requests get no answer, and a `silent` server's none for as long as it is.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.connections = 0
        self.authorizations: list[str | None] = []
        self.hang_up = ""
        self.hung_up = threading.Event()
        self.lost = 0
        self.silent = False
        self.speaks = threading.Event()

    def ask(self, timeout: float = TIMEOUT) -> int:
        """POST to it, as the gateway does; the answer's status."""
        url = f"http://127.0.0.1:{self.server_port}/validate"
        return connections.ask("POST", url, {}, None, (timeout, timeout)).status_code

    def get_request(self) -> tuple[object, object]:  # type: ignore[override]
        """Accept a connection."""
        self.connections += 1
        return super().get_request()

    def shutdown_request(self, request: object) -> None:
        """Close a connection."""
        super().shutdown_request(request)  # type: ignore[arg-type]
        self.hung_up.set()


class _Handler(BaseHTTPRequestHandler):
    server: Auth
    protocol_version = "HTTP/1.1"
    answers = 0

    def do_POST(self) -> None:
        self.answers += 1
        self.server.authorizations.append(self.headers["Authorization"])
        if self.server.silent:
            self.server.speaks.wait(TIMEOUT)
        if self.server.lost:
            self.server.lost -= 1
            self.close_connection = True
            return
        if self.server.hang_up == "in place of a second answer" and self.answers == 2:
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.close_connection = self.server.hang_up == "after an answer"

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def auth(monkeypatch: pytest.MonkeyPatch) -> Iterator[Auth]:
    kept = Kept(connections._Auth)
    monkeypatch.setattr(connections, "_kept", kept)
    with Auth() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
        while kept._idle:
            kept.take().close()


def test_calls_in_turn_share_a_connection(auth: Auth) -> None:
    assert [auth.ask() for _ in range(5)] == [200] * 5
    assert auth.connections == 1


def test_an_old_connection_is_not_used_again(auth: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LIFE", 0)
    assert [auth.ask() for _ in range(3)] == [200] * 3
    assert auth.connections == 3


def test_a_connection_that_auth_has_closed_is_not_used(auth: Auth) -> None:
    auth.hang_up = "after an answer"
    for _ in range(3):
        assert auth.ask() == 200
        assert auth.hung_up.wait(TIMEOUT)
        auth.hung_up.clear()
    assert auth.connections == 3


def test_a_connection_that_ends_under_a_call_costs_it_nothing(auth: Auth) -> None:
    auth.hang_up = "in place of a second answer"
    assert [auth.ask() for _ in range(4)] == [200] * 4
    assert auth.connections == 4


def test_two_connections_that_end_under_a_call_cost_it_nothing(auth: Auth) -> None:
    assert auth.ask() == 200
    auth.lost = 2
    assert auth.ask() == 200
    assert auth.connections == 3


def test_a_silent_auth_is_asked_twice_and_no_more(auth: Auth) -> None:
    auth.silent = True
    with pytest.raises(requests.ReadTimeout):
        auth.ask(timeout=0.2)
    auth.speaks.set()
    assert auth.connections == 2


def test_neither_netrc_nor_proxy_sees_a_call(
    auth: Auth, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert auth.ask() == 200
    assert auth.authorizations == [None]
