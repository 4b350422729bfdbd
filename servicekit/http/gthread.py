"""gunicorn's threaded worker, whose main thread waits for no client."""

import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

LINGER = 2.0  # seconds that a client gets to read its answer before its connection is closed
READ_SIZE = 256 * 1024  # bytes


class Worker(ThreadWorker):  # type: ignore[misc]
    """Parts with a client in the thread that served it.

    gunicorn does so in the thread that accepts, and waits there for each: twenty clients that sent
    half a request, without a token, stopped a gateway for 40 s (measured).
    """

    def handle(self, conn: Any) -> Any:
        """Serve one request; false when the connection is to be closed."""
        kept = super().handle(conn)
        if not kept:
            _part(conn.sock)
        return kept


def _part(connection: socket.socket) -> None:
    """Say goodbye and wait for the client's; gunicorn finds nothing left to wait for.

    Closed at once, with bytes of the client's unread, the kernel would reset the connection and
    the client might never see its answer. A browser looks for it only when all is sent, so what
    still comes is read and dropped.
    """
    deadline = time.monotonic() + LINGER
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        while (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            if not connection.recv(READ_SIZE):
                break
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RD)
