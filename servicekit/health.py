"""Probes and metrics on a port of their own: /livez, /readyz, /metrics."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from servicekit.settings import Env

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

Check = Callable[[], None]


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


@dataclass(frozen=True)
class Health:
    """`live` says whether the process makes progress; each of `ready` raises while it is not so.

    A liveness probe never looks at a dependency: a restart cannot mend one.
    """

    live: Callable[[], bool]
    ready: Mapping[str, Check]

    def not_ready(self) -> str:
        """What is not ready and why, one line each; empty when all is."""
        problems = []
        for name, check in self.ready.items():
            try:
                check()
            except Exception as error:  # noqa: BLE001 whatever a check raises is the answer
                problems.append(f"{name}: {type(error).__name__}\n")
                log.debug("not ready: %s: %s", name, error)
        return "".join(problems)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: object) -> None:
        """A probe every few seconds is no news."""


def start(settings: HealthSettings, health: Health) -> _Server:
    """Serve in daemon threads from now on; raises OSError when the port is taken."""
    metrics: WSGIApplication = make_wsgi_app()

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            return metrics(environ, start_response)
        if path == "/livez":
            status, body = ("200 OK", "ok\n") if health.live() else ("503 Stuck", "stuck\n")
        elif path == "/readyz":
            problems = health.not_ready()
            status, body = ("503 Not Ready", problems) if problems else ("200 OK", "ok\n")
        else:
            status, body = "404 Not Found", "not found\n"
        start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [body.encode()]

    server = make_server(settings.host, settings.port, app, _Server, _QuietHandler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
