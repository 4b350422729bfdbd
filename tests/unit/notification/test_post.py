"""A POST to a hostile receiver: bounded in time, led nowhere else, and not believed."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_network

import pytest

from hooks.addresses import Addresses
from hooks.post import UndeliveredError, post

LOOPBACK = Addresses((ip_network("127.0.0.0/8"),))
Server = Callable[[Callable[[socket.socket], None]], str]
BODY = b'{"type": "job.done"}'


@pytest.fixture
def server() -> Iterator[Server]:
    """Starts servers that handle one connection as they are told; gives their URLs."""
    listeners: list[socket.socket] = []

    def start(handle: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            with contextlib.suppress(OSError):  # also where nobody comes, until the end
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(20)
                    handle(connection)

        threading.Thread(target=serve, daemon=True).start()
        return f"http://localhost:{listener.getsockname()[1]}/hook?a=b"

    yield start
    for listener in listeners:
        listener.close()


def answering(text: str, seen: list[bytes] | None = None) -> Callable[[socket.socket], None]:
    def handle(connection: socket.socket) -> None:
        received = b""
        while not received.endswith(BODY):
            received += connection.recv(65536)
        if seen is not None:
            seen.append(received)
        connection.sendall(text.encode())

    return handle


def send(url: str, timeout: float = 10, addresses: Addresses = LOOPBACK) -> int:
    return post(url, {"webhook-id": "msg_1"}, BODY, timeout, addresses)


def test_it_is_one_post_to_the_path_with_its_headers(server: Server) -> None:
    seen: list[bytes] = []
    url = server(answering("HTTP/1.1 204 No Content\r\n\r\n", seen))
    assert send(url) == 204
    (received,) = seen
    assert received.startswith(b"POST /hook?a=b HTTP/1.1\r\n")
    host = url.split("/")[2]
    assert f"\r\nHost: {host}\r\n".encode() in received
    assert b"\r\nwebhook-id: msg_1\r\n" in received


@pytest.mark.parametrize("status", [200, 301, 302, 307, 308, 410, 500])
def test_the_status_is_told_and_no_redirect_followed(server: Server, status: int) -> None:
    elsewhere = server(answering("HTTP/1.1 200 OK\r\n\r\n"))
    head = f"HTTP/1.1 {status} X\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n"
    assert send(server(answering(head))) == status


@pytest.mark.parametrize(
    "text",
    ["", "hello\r\n\r\n", "HTTP/1.1 two OK\r\n\r\n", "HTTP/1.1 200 OK\r\n" + "A: b\r\n" * 200],
)
def test_what_is_no_answer_is_none(server: Server, text: str) -> None:
    with pytest.raises(UndeliveredError, match="no answer: "):
        send(server(answering(text)))


def drip(connection: socket.socket) -> None:
    """A header that never ends, each byte well within any time limit of its own."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nA: ")
    while True:
        connection.sendall(b"a")
        time.sleep(0.05)


def keep_silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


@pytest.mark.parametrize("handle", [drip, keep_silent])
def test_a_slow_receiver_is_cut_off(
    server: Server, handle: Callable[[socket.socket], None]
) -> None:
    began = time.monotonic()
    with pytest.raises(UndeliveredError, match="no answer in time"):
        send(server(handle), timeout=0.5)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "0x7f.1", "2130706433", "10.0.0.1", "0"]
)
def test_by_whatever_name_no_address_inside_is_reached(host: str) -> None:
    with pytest.raises(UndeliveredError, match="none of the Internet's"):
        send(f"http://{host}:9/", addresses=Addresses())


def test_a_name_that_changes_what_it_stands_for_leads_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    """It is looked up once: a second answer, the one of an attacker, is never asked for."""
    asked: list[str] = []
    port = int(server(answering("HTTP/1.1 200 OK\r\n\r\n")).split(":")[2].split("/")[0])
    answers = [("127.0.0.2", port), ("127.0.0.1", port)]
    real = socket.getaddrinfo

    def resolve(host: str, *arguments: object, **named: object) -> object:
        if host != "rebinding.example":
            return real(host, *arguments, **named)  # type: ignore[arg-type]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", answers[len(asked) - 1])]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    only_first = Addresses((ip_network("127.0.0.2/32"),))
    with pytest.raises(UndeliveredError, match="no answer: ConnectionRefusedError"):
        send(f"http://rebinding.example:{port}/", addresses=only_first)
    assert len(asked) == 1


def test_a_server_without_tls_gets_nothing(server: Server) -> None:
    url = server(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n"))
    with pytest.raises(UndeliveredError, match="no TLS"):
        send(url.replace("http:", "https:"))
