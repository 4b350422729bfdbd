"""Slow clients wait without a thread, give way when there are too many, and hold nobody up.

The server has four threads.
"""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import requests

from tests.support.machine import free_port
from tests.support.project import ROOT
from tests.support.tree import Tree
from tests.support.wait import until

TIMEOUT = 10  # seconds
MANY = 40  # far more than there are threads
HALF = b"GET /ok HTTP/1.1\r\nHost: slow\r\n"
WHOLE = HALF + b"\r\n"
CROWD = b"GET /later HTTP/1.1\r\nHost: crowd\r\nAuthorization: Bearer crowd\r\n\r\n"
NO_BODY = b"POST /count HTTP/1.1\r\nHost: crowd\r\nContent-Length: 3\r\n\r\n"
ENDLESS = b"POST /refused HTTP/1.1\r\nHost: slow\r\nContent-Length: 1000000000\r\n\r\n"


class Server:
    """A server on `port`, with settings of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process, self.port = process, port

    def connect(self, sent: bytes = b"") -> socket.socket:
        """A connection on which `sent` was sent."""
        client = socket.create_connection(("127.0.0.1", self.port), TIMEOUT)
        client.sendall(sent)
        return client

    def answers(self) -> bool:
        """Whether an ordinary request is answered."""
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/ok", timeout=TIMEOUT).text == "ok"
        except requests.RequestException:
            return False

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It takes nobody in meanwhile: who comes waits in the kernel."""
        processes = Tree([self.process.pid]).pids()
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in processes:
                os.kill(pid, signal.SIGCONT)


@contextmanager
def running(**settings: str) -> Iterator[Server]:
    """A server that listens."""
    port = free_port()
    own = {"HOST": "127.0.0.1", "PORT": str(port), "HEALTH_PORT": str(free_port())}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.small_server"],
        cwd=ROOT,
        env={**os.environ, **own, **settings},
    )
    server = Server(process, port)
    try:
        until(server.answers, "the server answers")
        yield server
    finally:
        process.kill()
        process.wait(TIMEOUT)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running(HEADER_TIMEOUT="5") as one:
        yield one


@pytest.fixture
def clients() -> Iterator[ExitStack]:
    """Whatever enters is closed."""
    with ExitStack() as stack:
        yield stack


def rest(client: socket.socket) -> bytes:
    """What comes until the server closes the connection."""
    received = b""
    while piece := client.recv(65536):
        received += piece
    return received


@pytest.mark.parametrize("sent", [b"", HALF, ENDLESS], ids=["nothing", "half", "sends on"])
def test_many_slow_clients_leave_the_threads_to_others(
    server: Server, clients: ExitStack, sent: bytes
) -> None:
    for _ in range(MANY):
        clients.enter_context(server.connect(sent))
    assert server.answers()


@pytest.mark.parametrize("request_", [WHOLE, CROWD.replace(b"Bearer crowd", b"Bearer one")])
def test_who_comes_last_is_not_behind_a_crowd_at_another_door_or_of_another_user(
    server: Server, clients: ExitStack, request_: bytes
) -> None:
    crowd = [clients.enter_context(server.connect(CROWD)) for _ in range(MANY)]
    last = clients.enter_context(server.connect(request_))
    assert last.recv(1024).startswith(b"HTTP/1.1 200 ")
    answered, _, _ = select.select(crowd, [], [], 0)
    assert len(answered) < MANY // 2


def test_everybody_who_waits_to_be_let_in_is_known_before_the_next_is_served(
    clients: ExitStack,
) -> None:
    """Each of the crowd, which came first, holds a thread for longer than the last one waits."""
    with running(HEADER_TIMEOUT="60") as server:
        with server.paused():
            for _ in range(MANY):
                clients.enter_context(server.connect(NO_BODY))
            last = clients.enter_context(server.connect(WHOLE))
        assert last.recv(1024).startswith(b"HTTP/1.1 200 ")


def test_requests_on_every_connection_give_way_once_they_are_answered(clients: ExitStack) -> None:
    """None came while they gave no room, and all of them are kept."""
    with running(CONNECTIONS="16") as server:
        with server.paused():
            crowd = [clients.enter_context(server.connect(CROWD)) for _ in range(MANY)]
        assert all(client.recv(1024).startswith(b"HTTP/1.1 200 ") for client in crowd)
        assert server.answers()


def test_a_client_that_sends_on_sees_its_refusal(server: Server, clients: ExitStack) -> None:
    client = clients.enter_context(server.connect(ENDLESS))
    for _ in range(100):
        client.sendall(bytes(65536))
    assert client.recv(65536).startswith(b"HTTP/1.1 401 ")


def test_requests_sent_at_once_are_answered_in_order(server: Server, clients: ExitStack) -> None:
    post = b"POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
    last = b"GET /ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    client = clients.enter_context(server.connect(post + WHOLE + last))
    answers = rest(client)
    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert answers.index(b"\r\n\r\n3") < answers.index(b"\r\n\r\nok")


def test_a_header_may_come_in_single_bytes(server: Server, clients: ExitStack) -> None:
    client = clients.enter_context(server.connect())
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in WHOLE:
        client.sendall(bytes([byte]))
    assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_a_header_without_an_end_is_refused_by_its_size(server: Server, clients: ExitStack) -> None:
    client = clients.enter_context(server.connect(HALF + b"X: 1\r\n" * 3000))
    assert client.recv(65536).startswith(b"HTTP/1.1 431 ")


def test_an_answer_that_nobody_reads_holds_no_thread_for_long(
    server: Server, clients: ExitStack
) -> None:
    """The threads wait for these clients, but for no longer than SEND_TIMEOUT."""
    for _ in range(MANY // 5):
        slow = clients.enter_context(server.connect())
        slow.sendall(WHOLE.replace(b"/ok", b"/large"))
    until(server.answers, "a thread is free", 40)


def test_a_header_that_takes_too_long_is_told_408(clients: ExitStack) -> None:
    with running(HEADER_TIMEOUT="0.5") as server:
        client = clients.enter_context(server.connect(HALF))
        answer = rest(client)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"\r\nX-Content-Type-Options: nosniff\r\n" in answer


@pytest.mark.parametrize("delay", ["0", "0.01"])
def test_idle_clients_on_every_connection_give_way_to_whoever_comes(
    clients: ExitStack, delay: str
) -> None:
    """With the delay, all come in one turn: who is answered in it is idle all the same."""
    with running(CONNECTIONS="16", READ_DELAY=delay) as server:
        for _ in range(MANY):
            idle = clients.enter_context(server.connect(WHOLE))
            assert idle.recv(65536).startswith(b"HTTP/1.1 200 OK")
        # Its header comes after the connection, as over a network.
        late = [clients.enter_context(server.connect()) for _ in range(4)]
        assert server.answers()
        for client in late:
            client.sendall(WHOLE)
            assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_half_headers_on_every_connection_give_way_to_whoever_comes(clients: ExitStack) -> None:
    with running(CONNECTIONS="16", HEADER_TIMEOUT="60") as server:
        for _ in range(MANY):
            clients.enter_context(server.connect(HALF))
        assert all(server.answers() for _ in range(MANY))


def test_a_server_that_ends_waits_for_no_slow_client(clients: ExitStack) -> None:
    with running(HEADER_TIMEOUT="60") as server:
        for sent in (b"", HALF, WHOLE):
            clients.enter_context(server.connect(sent))
        assert server.answers()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(TIMEOUT) == 0
