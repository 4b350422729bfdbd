"""Connections that end: their clients read the last answer, and what they still send is dropped.

Closed at once, with bytes of the client's unread, the kernel would reset the connection and the
client might never see its answer. A browser looks for it only when all is sent.
"""

import select
from collections.abc import Iterator

from servicekit.http.client import Connection
from servicekit.http.held import Held

LINGER = 2.0  # seconds that a client gets to read its answer before its connection is closed
DROP_SIZE = 64 * 1024  # bytes that are dropped in one go
TURN = 64  # connections drained before the others have their turn
_scrap = bytearray(DROP_SIZE)


class Leaving(Held):
    """Those whose answer is sent; `open` comes first, after the fork."""

    def __init__(self) -> None:
        super().__init__(LINGER)

    def open(self) -> int:
        """The file that can be read when one of them sends something, or has left."""
        self._sending = select.epoll()
        self._files: dict[int, Connection] = {}
        return self._sending.fileno()

    def add(self, connection: Connection) -> None:
        """It may go from now on."""
        super().add(connection)
        self._files[connection.sock.fileno()] = connection
        self._sending.register(connection.sock.fileno(), select.EPOLLIN)

    def discard(self, connection: Connection) -> None:
        """It is closed next."""
        if connection in self:
            del self._files[connection.sock.fileno()]
            self._sending.unregister(connection.sock.fileno())
        super().discard(connection)

    def drain(self) -> Iterator[Connection]:
        """Drop what some of them sent; those that have left, which the caller closes."""
        for file, _ in self._sending.poll(0, TURN):
            connection = self._files[file]
            try:
                left = connection.sock.recv_into(_scrap) == 0
            except BlockingIOError:
                left = False
            except OSError:
                left = True
            if left:
                yield connection
