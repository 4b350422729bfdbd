"""A few routes under the services' own server: `python -m tests.support.small_server`.

With READ_DELAY its main loop takes as many seconds for each connection, as on a busy machine.
"""

import os
import time

from flask import Flask, Response, request

from servicekit.health import Health, HealthSettings
from servicekit.http.client import Connection
from servicekit.http.server import ServerSettings, serve
from servicekit.http.worker import PatientWorker
from servicekit.settings import Env

LARGE = 8 * 2**20  # bytes; more than the kernel's buffers and what the server keeps
LATER = 0.2  # seconds


def create_app() -> tuple[Flask, Health]:
    """Says ok, at once or after a while, refuses a body unread, counts one, answers with much."""
    app = Flask(__name__)

    @app.get("/ok")
    def ok() -> str:
        return "ok"

    @app.get("/later")
    def later() -> str:
        time.sleep(LATER)
        return "ok"

    @app.post("/refused")
    def refused() -> Response:
        return Response("no", 401)

    @app.post("/count")
    def count() -> str:
        return str(len(request.get_data()))

    @app.get("/large")
    def large() -> bytes:
        return bytes(range(256)) * (LARGE // 256)

    return app, Health(lambda: True, {})


def read_slowly(seconds: float) -> None:
    """Let the main loop take its time for each connection, in which threads and clients go on."""
    read = PatientWorker._read

    def slowly(worker: PatientWorker, connection: Connection) -> None:
        read(worker, connection)
        time.sleep(seconds)

    PatientWorker._read = slowly  # type: ignore[method-assign,assignment]


def main() -> None:
    """Serve until SIGTERM."""
    env = Env(os.environ)
    read_slowly(env.seconds("READ_DELAY", 0, 0, 1))
    server = ServerSettings.read(env, port=0, threads=4, grace=5)
    health = HealthSettings.read(env)
    env.check()
    serve(create_app, server, health)


if __name__ == "__main__":
    main()
