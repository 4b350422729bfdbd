"""A client's connection: how long a thread waits for it, and what waits for the client instead."""

import re
import socket
import time
from typing import Any, Self

from gunicorn.http.errors import ParseException
from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import TConn

KEPT = 256 * 1024  # bytes of an answer that wait for a slow client without a thread
SEND_TIMEOUT = 10.0  # seconds in which a client takes more than that
DROPPED = 64 * 1024  # bytes that are here already, and that nobody read
REQUEST_LINE = 8190  # bytes; the most that gunicorn can be told, and what proxies pass on

_EMPTY_LINE = re.compile(rb"\A\r\n")
_DOOR = re.compile(rb"\A(?:\r\n)?\S+ /*([^\s/?]*)")
_ASKER = re.compile(rb"\r\nAuthorization:([^\r\n]*)", re.IGNORECASE)


class Patience:
    """How long a thread waits for a client to send: `seconds`, and one more for `rate` bytes.

    What a client has earned it keeps up to `seconds`, so that a phone on a bad line may pause, and
    one that sends a byte now and then may not go on for ever.
    """

    def __init__(self, seconds: float, rate: int) -> None:
        self._most = self._left = seconds
        self._rate = rate

    def receive(self, client: "ClientSocket", size: int) -> bytes:
        """The next bytes; TimeoutError when they come too slowly."""
        client.settimeout(self._left)
        started = time.monotonic()
        data = client.receive(size)
        waited = time.monotonic() - started
        self._left = min(self._most, self._left - waited + len(data) / self._rate)
        if self._left <= 0:
            raise TimeoutError("the client sends too slowly")
        return data


class ClientSocket(socket.socket):
    """Keeps what a slow client does not take yet of an ordinary answer; `stream` ends that."""

    def __init__(self, accepted: socket.socket) -> None:
        family, kind, protocol = accepted.family, accepted.type, accepted.proto
        super().__init__(family, kind, protocol, fileno=accepted.detach())
        self.patience: Patience | None = None
        self.unsent = bytearray()
        self._streams = False

    def begin(self, patience: Patience) -> None:
        """A request begins."""
        self.patience, self._streams = patience, False

    def stream(self, seconds: float) -> None:
        """The answer is a long one: its thread waits for the client, `seconds` for each piece."""
        self._streams = True
        self.patience = None
        self.settimeout(seconds)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """The next bytes; TimeoutError when patience ends."""
        if self.patience is None or flags:
            return super().recv(size, flags)
        return self.patience.receive(self, size)

    def receive(self, size: int) -> bytes:
        """The next bytes, without patience."""
        return super().recv(size)

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send or keep all of `data`; OSError when the client has left, or is too slow for more."""
        if self._streams:
            super().sendall(data, flags)
            return
        self.unsent += data
        if not self.flush() and len(self.unsent) > KEPT:
            self.settimeout(SEND_TIMEOUT)
            # After an error nobody knows what was sent, so nothing is sent again.
            rest, self.unsent = self.unsent, bytearray()
            super().sendall(rest)

    def flush(self) -> bool:
        """Send what the client takes now; true when nothing is left. OSError when it has left."""
        self.setblocking(False)
        try:
            while self.unsent:
                del self.unsent[: self.send(self.unsent)]
        except BlockingIOError:
            return False
        return True


class Connection(TConn):  # type: ignore[misc]
    """A connection as gunicorn knows it, with the beginning of its next request."""

    sock: ClientSocket
    head: bytearray

    @classmethod
    def of(cls, cfg: Any, accepted: socket.socket, client: Any, server: Any) -> Self:
        """A new connection; its header is read by who owns it, not by a thread."""
        connection = cls(cfg, ClientSocket(accepted), client, server)
        connection.initialized = True
        connection.parser = RequestParser(cfg, connection.sock, client)
        connection.head = bytearray()
        return connection

    def begin(self, patience: Patience) -> None:
        """Give the header that was read to the parser; for the rest a thread has `patience`."""
        self.sock.begin(patience)
        self.parser.unreader.unread(bytes(self.head))
        self.head = bytearray()

    def end(self) -> bool:
        """Whether another request may come: not if a body that nobody read is still on its way.

        gunicorn waits 5 s for each 64 KiB of it.
        """
        self.sock.patience = None
        self.sock.setblocking(False)
        try:
            return bool(self.parser.finish_body(max_bytes=DROPPED))
        except (OSError, ParseException):
            return False

    def take_back(self) -> None:
        """What the parser read beyond the request is the beginning of the next."""
        self.head = bytearray(self.parser.unreader.take_buffered())

    def door(self) -> bytes:
        """What the request is for, by the first word of its path."""
        return _first(_DOOR, self.head)

    def asker(self) -> bytes:
        """Who the request says that it is from; those who do not say are one."""
        return _first(_ASKER, self.head)

    def is_closed(self) -> bool:
        """Whether it gave way to another one meanwhile."""
        return self.sock.fileno() < 0

    def has_header(self) -> bool:
        """Whether the parser can take or refuse the request without another byte."""
        head = _EMPTY_LINE.sub(b"", self.head)  # the one that RFC 9112, 2.2, lets pass
        return (
            b"\r\n\r\n" in head
            or head.startswith(b"\r\n")
            or head.count(b"\n") != head.count(b"\r\n")  # a bare one: refused
            or (b"\r\n" not in head and len(head) > REQUEST_LINE + 2)
        )


def _first(pattern: re.Pattern[bytes], head: bytearray) -> bytes:
    found = pattern.search(head)
    return bytes(found[1]) if found else b""
