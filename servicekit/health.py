"""Probes and metrics on a port of their own: /livez, /readyz, /metrics."""

import logging
import re
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from servicekit.metrics import exposition
from servicekit.metrics.dependencies import UP
from servicekit.settings import Env

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

Check = Callable[[], None]
LOOPBACK = "127.0.0.1"
PLACES = 16  # the kubelet, a scraper, an operator
# Ports, ids and times: what differs in them only is the same reason.
_NUMBERS = re.compile(r"[0-9a-f]*\d[0-9a-f.]*")


@dataclass(frozen=True)
class HealthSettings:
    """Where probes and metrics are served."""

    host: str
    port: int

    @classmethod
    def read(cls, env: Env) -> "HealthSettings":
        """Read `HEALTH_HOST` and `HEALTH_PORT`; problems are left with `env`."""
        return cls(
            host=env.text("HEALTH_HOST", "0.0.0.0"),  # noqa: S104 the kubelet probes the pod's address
            port=env.integer("HEALTH_PORT", 9090, 1, 65535),
        )


class Health:
    """`live` says whether the process makes progress; each of `ready` raises while it is not so.

    A liveness probe never looks at a dependency: a restart cannot mend one.
    """

    def __init__(self, live: Callable[[], bool], ready: Mapping[str, Check]) -> None:
        self.live = live
        self._ready = ready
        self._told: dict[str, str] = {}
        self._lock = threading.Lock()

    def not_ready(self, verbose: bool = False) -> str:
        """What is not ready and of which kind the error is, one line each; empty when all is.

        The whole reason is in the log, once as long as it stays the same; `verbose` gives it too.
        """
        problems = []
        for name, check in self._ready.items():
            try:
                check()
            except Exception as error:  # noqa: BLE001 whatever a check raises is the answer
                kind, reason = type(error).__name__, f"{type(error).__name__}: {error}"
                problems.append(f"{name}: {reason if verbose else kind}\n")
                self._tell(name, reason)
            else:
                self._tell(name, "")
        return "".join(problems)

    def _tell(self, name: str, reason: str) -> None:
        UP.labels(name).set(not reason)
        kind = _NUMBERS.sub("", reason)
        with self._lock:
            known, self._told[name] = self._told.get(name, ""), kind
        if kind and kind != known:
            log.warning("Not ready: %s: %s", name, reason)
        elif known and not kind:
            log.info("Ready again: %s", name)


class _Server(ThreadingMixIn, WSGIServer):
    """Serves `PLACES` clients at most: the oldest, a slow one, gives way to another."""

    daemon_threads = True
    request_queue_size = 128  # with the usual 5, a probe among many waits 1 s to be let in

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._clients: deque[socket.socket] = deque()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own."""
        with self._lock:
            self._clients.append(request)
            oldest = self._clients.popleft() if len(self._clients) > PLACES else None
        if oldest:
            with suppress(OSError):
                oldest.shutdown(socket.SHUT_RDWR)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """The client is served, or has given way."""
        with self._lock, suppress(ValueError):
            self._clients.remove(request)
        super().shutdown_request(request)


class _QuietHandler(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: object) -> None:
        """A probe every few seconds is no news."""


def _may_know_why(environ: "WSGIEnvironment") -> bool:
    """Who asks `/readyz?verbose` from inside the pod, which an operator can."""
    return (environ["QUERY_STRING"], environ["REMOTE_ADDR"]) == ("verbose", LOOPBACK)


def start(settings: HealthSettings, health: Health) -> _Server:
    """Serve in daemon threads from now on; raises OSError when the port is taken."""
    metrics = exposition()

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            health.not_ready()  # in the cluster nobody else asks a server that has started
            return metrics(environ, start_response)
        if path == "/livez":
            status, body = ("200 OK", "ok\n") if health.live() else ("503 Stuck", "stuck\n")
        elif path == "/readyz":
            problems = health.not_ready(_may_know_why(environ))
            status, body = ("503 Not Ready", problems) if problems else ("200 OK", "ok\n")
        else:
            status, body = "404 Not Found", "not found\n"
        start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [body.encode()]

    server = make_server(settings.host, settings.port, app, _Server, _QuietHandler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
