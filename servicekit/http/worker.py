"""gunicorn's threaded worker, in which slow clients wait without a thread.

The main loop takes in all who come and reads their headers, and only then gives each free thread a
request, by turns: beside threads that take the next one themselves, the loop waited for Python's
lock so often that a login behind 4,000 others took up to 4 s (measured). It sends what is left of
answers too, and drops what still comes after one. Before that, 32 clients that dawdled stopped a
gateway (measured).
"""

import errno
import selectors
import socket
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from itertools import chain
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from servicekit.http.client import Connection, Patience
from servicekit.http.held import Held
from servicekit.http.leaving import Leaving
from servicekit.http.refusal import refusal
from servicekit.http.turns import Turns
from servicekit.metrics import http as metrics

SLOW = 1.0  # seconds after which an unfinished header or answer is a slow client's
FLUSH_TIMEOUT = 30.0  # seconds to take an answer of KEPT bytes at most
MIN_RATE = 1024  # bytes in a second of a request's body, unless a view says otherwise
READ_SIZE = 16 * 1024  # bytes of a header in one go
MAX_HEADER = 16 * 1024  # bytes; with 8,192 connections 128 MiB at most
MAX_FLUSHING = 256  # answers that wait for their clients; 64 MiB at most
_NOTHING_TO_ACCEPT = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED)


@dataclass(frozen=True)
class ConnectionSettings:
    """How many connections there may be, and the seconds that a client has for a header."""

    most: int
    header_timeout: float


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Everything but `_serve` and what it calls runs in the main thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limits: ConnectionSettings = self.app.connections
        self._arriving = Held(self._limits.header_timeout)
        self._flushing = Held(FLUSH_TIMEOUT)
        self._leaving = Leaving()
        self._idle = Held(self.cfg.keepalive)
        self._turns: Turns[Connection] = Turns()
        self._busy = 0  # threads
        # Of the slow, whoever is to give way first comes first; what a thread works on never does.
        self._held = (self._arriving, self._flushing, self._leaving, self._idle)

    def run(self) -> None:
        """Serve until the end."""
        self.poller.register(self._leaving.open(), selectors.EVENT_READ, self._drain)
        super().run()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Take in whoever is there, and then let the free threads serve those whose turn it is."""
        super().wait_for_and_dispatch_events(timeout)
        self._make_room()  # nobody is let in, who could ask for it, when all connections are taken
        while self._turns and self._busy < self.cfg.threads:
            self._busy += 1
            metrics.WAITING.dec()
            self.tpool.submit(self._serve, self._turns.take())

    # --- a request comes

    def accept(self, listener: socket.socket) -> None:
        """Take in the connections that wait at `listener`."""
        for _ in range(self.cfg.backlog):  # as many as the kernel lets wait
            try:
                accepted, client = listener.accept()
            except OSError as error:
                if error.errno not in _NOTHING_TO_ACCEPT:  # no file, no memory
                    self.log.warning("Cannot accept a connection: %s", error)
                    self._close_oldest()
                return
            self.nr_conns += 1
            connection = Connection.of(self.cfg, accepted, client, listener.getsockname())
            self._await_header(connection, self._arriving)
            self._read(connection)
            self._make_room()
            if self.nr_conns >= self._limits.most:  # those that wait for a thread give none
                return

    def _await_header(self, connection: Connection, state: Held) -> None:
        connection.sock.setblocking(False)
        connection.sock.patience = None
        state.add(connection)
        self._watch(connection, selectors.EVENT_READ, self._read)

    def _watch(self, connection: Connection, events: int, then: Any) -> None:
        self.poller.register(connection.sock, events, lambda _: then(connection))

    def _read(self, connection: Connection) -> None:
        if connection.is_closed():
            return
        try:
            data = connection.sock.recv(READ_SIZE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        connection.head += data
        if not data:
            self._close(connection)
        elif connection.has_header():
            self._hand_over(connection)
        elif len(connection.head) > MAX_HEADER:
            self._refuse(connection, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif connection in self._idle:
            self._idle.discard(connection)
            self._arriving.add(connection)

    def _hand_over(self, connection: Connection) -> None:
        self._forget(connection)
        self._turns.put(connection, connection.door(), connection.asker())
        metrics.WAITING.inc()
        connection.begin(Patience(self._limits.header_timeout, MIN_RATE))

    # --- in a thread

    def _serve(self, connection: Connection) -> None:
        kept = False
        try:
            kept = self.handle(connection)
        finally:
            self.method_queue.defer(self.finish_request, connection, kept)

    def _keepalive_after(self, conn: Connection, keepalive: Any) -> bool:
        return bool(keepalive) and conn.end()

    # --- an answer goes

    def finish_request(self, conn: Connection, kept: bool) -> None:
        """What becomes of the connection after its request, whose thread is free again."""
        self._busy -= 1
        if conn.sock.unsent:
            self._flushing.add(conn)
            self._watch(conn, selectors.EVENT_WRITE, partial(self._flush, kept=kept))
            if len(self._flushing) > MAX_FLUSHING:
                self._close(next(iter(self._flushing)))
        else:
            self._go_on(conn, kept)

    def _flush(self, connection: Connection, kept: bool) -> None:
        if connection.is_closed():
            return
        try:
            done = connection.sock.flush()
        except OSError:
            self._close(connection)
            return
        if done:
            self._forget(connection)
            self._go_on(connection, kept)

    def _go_on(self, connection: Connection, kept: bool) -> None:
        if not kept:
            self._leave(connection)
            return
        connection.take_back()
        self._await_header(connection, self._idle)
        if connection.has_header():  # it was sent along with the request before
            self._hand_over(connection)

    def _refuse(self, connection: Connection, status: HTTPStatus) -> None:
        self._forget(connection)
        with suppress(OSError):  # as much as fits: nobody waits for this client
            connection.sock.send(refusal(status))
        self._leave(connection)

    def _leave(self, connection: Connection) -> None:
        """Let the client read its answer, and close the connection when it does the same."""
        try:
            connection.sock.setblocking(False)
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(connection)
            return
        self._leaving.add(connection)

    def _drain(self, _file: int) -> None:
        for connection in self._leaving.drain():
            self._close(connection)

    # --- an end

    def murder_keepalived(self, force: bool = False) -> None:
        """Close what has waited too long, or all that waits; gunicorn calls it each second."""
        for state in self._held:
            for connection in state if force else state.expired():
                if state is self._arriving and connection.head and not force:
                    self._refuse(connection, HTTPStatus.REQUEST_TIMEOUT)
                else:
                    self._close(connection)

    def _cap_keepalive(self, deadline: float) -> None:
        """The worker stops: nobody waits long for a next request, or for a rest of one."""
        self._arriving.hurry(STOP_KEEPALIVE_LINGER)
        self._idle.hurry(STOP_KEEPALIVE_LINGER)

    def _make_room(self) -> None:
        """Keep to the limit; who has been answered meanwhile is idle, and goes first."""
        if self.nr_conns >= self._limits.most:
            self.method_queue.run_callbacks(None)
        while self.nr_conns >= self._limits.most and self._close_oldest():
            pass

    def _close_oldest(self) -> bool:
        """The oldest slow connection gives way to a new one; false when there is none.

        A header that is on its way for a moment is not slow: an idle connection goes before it.
        """
        slow = (state.oldest(SLOW) for state in self._held)
        others = (state.oldest() for state in reversed(self._held))
        oldest = next(filter(None, chain(slow, others)), None)
        if oldest is not None:
            self._close(oldest)
        return oldest is not None

    def _close(self, connection: Connection) -> None:
        self._forget(connection)
        self.nr_conns -= 1
        connection.close()

    def _forget(self, connection: Connection) -> None:
        """No state, no event."""
        for state in self._held:
            state.discard(connection)
        with suppress(KeyError, ValueError):
            self.poller.unregister(connection.sock)
