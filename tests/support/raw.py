"""Bytes over a socket, as no client library would send them, and the answers that come back."""

import select
import socket
from typing import NamedTuple

TIMEOUT = 20.0  # seconds without a byte; a server that keeps a dead connection longer has failed
QUIET = 0.5  # seconds after an answer in which another would come
UNANSWERED = 2.0  # seconds after which a server is still waiting for the rest of a request


class Answer(NamedTuple):
    """What a server sent; interim answers have no body, and what has no head has the status 0."""

    status: int
    head: bytes
    body: bytes


def exchange(port: int, request: bytes, proxied: bool = False) -> tuple[Answer, ...]:
    """Each answer to `request`, after which the client sends no more; interim ones count too.

    A proxy takes the end of what a client sends for the client's own end, and so is told it only
    when no more answers come. TimeoutError when the server leaves the connection open.
    """
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
        received = bytearray()
        try:
            connection.sendall(request)
            if proxied:
                _read_until_quiet(connection, received)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before all of it was sent: the answer may have come all the same
        _read(connection, received)
        return _answers(bytes(received), head_only=request.startswith(b"HEAD "))


def answers(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def _read_until_quiet(connection: socket.socket, received: bytearray) -> None:
    while select.select([connection], [], [], QUIET if received else UNANSWERED)[0]:
        data = connection.recv(65536)
        if not data:
            return
        received += data


def _read(connection: socket.socket, received: bytearray) -> None:
    try:
        while data := connection.recv(65536):
            received += data
    except ConnectionResetError:
        pass  # an end as good as any other


def _answers(stream: bytes, head_only: bool) -> tuple[Answer, ...]:
    found: list[Answer] = []
    while stream:
        head, end, rest = stream.partition(b"\r\n\r\n")
        version, _, line = head.partition(b" ")
        if not end or version not in (b"HTTP/1.0", b"HTTP/1.1"):
            return (*found, Answer(0, b"", stream))
        status = int(line[:3])
        length = 0 if head_only or status == 100 else _length(head, rest)
        found.append(Answer(status, head, rest[:length]))
        stream = rest[length:]
    return tuple(found)


def _length(head: bytes, rest: bytes) -> int:
    """How much of `rest` is the body; chunks are left as they came."""
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    if b"content-length" in fields:
        return int(fields[b"content-length"])
    if fields.get(b"transfer-encoding") == b"chunked":
        end = b"0\r\n\r\n"
        return rest.index(end) + len(end)
    return len(rest)  # the body ends with the connection
