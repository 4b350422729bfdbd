"""Run a Flask application under gunicorn: one process, many threads, a graceful end."""

import resource
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from servicekit import health
from servicekit.health import Health, HealthSettings
from servicekit.http import refusal
from servicekit.http.client import REQUEST_LINE
from servicekit.http.source import NOBODY, Proxies
from servicekit.http.worker import ConnectionSettings, PatientWorker
from servicekit.settings import Env
from servicekit.tracing import spans


@dataclass(frozen=True)
class ServerSettings:
    """Where and how a service listens; `grace` is the seconds that running requests get to end.

    `connections` are those that may be open at once, `header_timeout` the seconds that a client has
    to send the header of a request.
    """

    host: str
    port: int
    threads: int
    grace: int
    reuse_port: bool
    connections: int
    header_timeout: float

    @classmethod
    def read(cls, env: Env, port: int, threads: int, grace: int) -> "ServerSettings":
        """Read `HOST` and the others, with these defaults; problems are left with `env`."""
        return cls(
            host=env.text("HOST", "0.0.0.0"),  # noqa: S104 the Service reaches the pod's address
            port=env.integer("PORT", port, 1, 65535),
            threads=env.integer("THREADS", threads, 1, 1000),
            grace=env.integer("SHUTDOWN_GRACE", grace, 1, 3600),
            reuse_port=env.choice("REUSE_PORT", "no", ("yes", "no")) == "yes",
            connections=env.integer("CONNECTIONS", 8192, 16, 1_000_000),
            header_timeout=env.seconds("HEADER_TIMEOUT", 15, 0.1, 600),
        )


OTHER_FILES = 512  # descriptors for all but the clients


def _possible_connections() -> int:
    """How many connections the machine lets a process have; the usual limit is raised to that."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(hard - OTHER_FILES, OTHER_FILES)


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, told what to do by settings instead of a command line."""

    def __init__(
        self,
        create: Callable[[], tuple[Flask, Health]],
        server: ServerSettings,
        health_settings: HealthSettings,
        proxies: Proxies,
    ) -> None:
        self._create = create
        most = min(server.connections, _possible_connections())
        self.connections = ConnectionSettings(most, server.header_timeout)
        self._options: dict[str, Any] = {
            "bind": f"{server.host}:{server.port}",
            "workers": 1,  # a pod is the unit of scaling; pymongo and metrics want one process
            "worker_class": PatientWorker,
            "worker_connections": most,
            "threads": server.threads,
            "limit_request_line": REQUEST_LINE,
            "forwarder_headers": "",  # a client's SCRIPT_NAME would be a 500
            "forwarded_allow_ips": ",".join(str(network) for network in proxies.trusted),
            # One alone: proxies pass on the others that gunicorn knows as a client wrote them.
            "secure_scheme_headers": {"X-FORWARDED-PROTO": "https"},
            "sendfile": False,  # it would wait for a slow client
            "graceful_timeout": server.grace,
            "reuse_port": server.reuse_port,
            "keepalive": 75,  # longer than the 60 s of common proxies, so that they close first
            "control_socket_disable": True,  # gunicorn 27 would open one in $HOME
            "worker_tmp_dir": "/dev/shm",  # noqa: S108 the heartbeat file must not wait for a disk
            "post_worker_init": lambda worker: health.start(health_settings, self._health),
            "worker_exit": lambda server, worker: spans.end(),
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        app, self._health = self._create()
        return app


def serve(
    create: Callable[[], tuple[Flask, Health]],
    server: ServerSettings,
    health: HealthSettings,
    proxies: Proxies = NOBODY,
) -> None:
    """Serve until SIGTERM; `create` runs in the worker process, after the fork.

    Only `proxies` are believed that a client came to them over TLS, by their `X-Forwarded-Proto`.
    """
    refusal.replace_gunicorns()
    _Server(create, server, health, proxies).run()
