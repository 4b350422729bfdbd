"""What a thread waits for of a client, and what it leaves behind."""

import itertools
import socket
import threading
from collections.abc import Iterator

import pytest
from gunicorn.config import Config

from servicekit.http import client
from servicekit.http.client import ClientSocket, Connection, Patience

ANSWER = bytes(range(251)) * 20_000  # 5 MB; a prime length, so that a shift shows
TAKEN = 1_000_000  # bytes that the slow client takes
TIMEOUT = 10  # seconds


@pytest.fixture
def pair() -> Iterator[tuple[ClientSocket, socket.socket]]:
    """The server's end of a connection, and the client's."""
    accepted, peer = socket.socketpair()
    peer.settimeout(TIMEOUT)
    with ClientSocket(accepted) as ours, peer:
        yield ours, peer


def take(peer: socket.socket, size: int) -> bytes:
    """`size` bytes, or all until the end."""
    received = b""
    while len(received) < size and (piece := peer.recv(size - len(received))):
        received += piece
    return received


def test_a_client_that_is_too_slow_for_its_answer_gets_no_byte_twice(
    pair: tuple[ClientSocket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer may be cut off, never mixed up."""
    ours, peer = pair
    monkeypatch.setattr(client, "SEND_TIMEOUT", 0.5)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(take(peer, TAKEN)))
    reader.start()
    with pytest.raises(TimeoutError):
        ours.sendall(ANSWER)
    reader.join(TIMEOUT)
    ours.flush()
    ours.shutdown(socket.SHUT_WR)
    received.append(take(peer, len(ANSWER)))
    assert ANSWER.startswith(b"".join(received))


def test_a_small_answer_waits_for_its_client_without_a_thread(
    pair: tuple[ClientSocket, socket.socket],
) -> None:
    ours, peer = pair
    sent = 0
    while not ours.unsent:  # the kernel's buffers are full
        ours.sendall(ANSWER[:10_000])
        sent += 10_000
    received = take(peer, sent - len(ours.unsent))
    assert ours.flush()
    assert len(received) + len(take(peer, sent - len(received))) == sent


def test_patience_ends_with_silence(pair: tuple[ClientSocket, socket.socket]) -> None:
    ours, _ = pair
    ours.begin(Patience(0.1, 1024))
    with pytest.raises(TimeoutError):
        ours.recv(1)


def test_a_trickle_earns_no_time(pair: tuple[ClientSocket, socket.socket]) -> None:
    ours, peer = pair
    ours.begin(Patience(0.5, 1024))
    done = threading.Event()

    def trickle() -> None:
        while not done.wait(0.05):
            peer.send(b"x")

    sender = threading.Thread(target=trickle)
    sender.start()
    try:
        with pytest.raises(TimeoutError):
            while True:
                ours.recv(1024)
    finally:
        done.set()
        sender.join(TIMEOUT)


def test_what_was_sent_earns_time_up_to_the_whole_patience() -> None:
    class Clock(ClientSocket):
        def receive(self, size: int) -> bytes:
            return bytes(size)

    one, other = socket.socketpair()
    patience = Patience(0.5, 1)
    with Clock(one) as ours, other:
        patience.receive(ours, 1000)  # a thousand seconds' worth
        assert ours.timeout == 0.5
        patience.receive(ours, 1)
        assert ours.timeout == pytest.approx(0.5)


def parsed(sent: bytes) -> tuple[Connection, socket.socket]:
    """A connection whose request was read up to its header's end, and the client's end of it."""
    here, there = socket.socketpair()
    there.sendall(sent)
    connection = Connection.of(Config(), here, ("127.0.0.1", 1), ("127.0.0.1", 2))
    connection.head += connection.sock.receive(65536)
    connection.begin(Patience(10, 1024))
    next(connection.parser)
    return connection, there


def test_a_connection_is_kept_however_late_its_thread_comes_to_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection, peer = parsed(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    with connection.sock, peer:
        clock = itertools.count(step=10)
        monkeypatch.setattr("gunicorn.http.parser.time.monotonic", lambda: next(clock))
        assert connection.end()


@pytest.mark.parametrize(
    ("body", "kept"), [(b"", False), (b"abc", False), (b"x" * 10, True), (b"x" * 10 + b"GET", True)]
)
def test_a_body_that_nobody_read_is_waited_for_by_nobody(body: bytes, kept: bool) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
    connection, peer = parsed(head + body)
    with connection.sock, peer:
        assert connection.end() == kept
        connection.take_back()
        assert not kept or connection.head == body[10:]
