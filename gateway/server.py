"""The gateway: the one service that clients talk to."""

import functools
import os
from pathlib import Path

import pymongo
from flask import Flask, Response, request, send_from_directory
from pymongo.errors import PyMongoError

import page
from auth import validate
from auth_svc import access
from context import Context
from download import mp3
from errors import RefusedError
from jobs import api
from servicekit import logs
from servicekit.amqp import broker
from servicekit.errors import UnavailableError
from servicekit.gridfs import mongodb as mongo
from servicekit.health import Health
from servicekit.http.responses import harden, text, unavailable
from servicekit.http.server import serve
from settings import Settings
from storage import util
from upload.intake import Intake

PING_TIMEOUT = 2.0  # seconds


class Gateway:
    """The tutorial's views: each parses its request, calls one function and maps the result."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._auth = context.settings.auth
        self._intake = Intake(
            context.videos, context.records, context.settings.broker, context.settings.upload
        )

    def register(self, app: Flask) -> None:
        """Add the routes."""
        app.add_url_rule("/healthz", view_func=self.healthz)
        app.add_url_rule("/openapi.json", view_func=self.openapi)
        app.add_url_rule("/login", view_func=self.login, methods=["POST"])
        app.add_url_rule("/upload", view_func=self.upload, methods=["POST"])
        app.add_url_rule("/download", view_func=self.download)

    def healthz(self) -> Response:
        return text("ok", 200)

    def openapi(self) -> Response:
        return send_from_directory(Path(__file__).parent, "openapi.json")

    def login(self) -> Response:
        return access.login(self._auth, request.headers.get("Authorization"))

    def upload(self) -> Response:
        """The body is not touched before its sender is known."""
        username = validate.token(self._auth, request)
        return api.created(self._context.mp3s, self._intake.take(request, username))

    def download(self) -> Response:
        username = validate.token(self._auth, request)
        fid = request.args.get("fid")
        if not fid:
            raise RefusedError("No fid provided")
        file = util.find_owned(self._context.mp3s, fid, username)
        if file is None:
            raise RefusedError("File not found", 404)
        video_fid = file["metadata"].get("video_fid", "")
        video = util.find_owned(self._context.videos, video_fid, username)
        return mp3.send(self._context, file, video, request)


def health(context: Context) -> Health:
    """Ready when everything that an upload needs answers."""

    def mongodb() -> None:
        with pymongo.timeout(PING_TIMEOUT):
            mongo.ping(context.client)

    return Health(
        live=lambda: True,
        ready={
            "mongodb": mongodb,
            "rabbitmq": lambda: broker.ping(context.settings.broker, PING_TIMEOUT),
            "auth": lambda: access.ping(context.settings.auth),
        },
    )


def create_app(settings: Settings) -> tuple[Flask, Health]:
    """The application and its health; connects to nothing yet."""
    logs.configure(settings.log, "gateway")
    context = Context.create(settings)
    app = Flask("gateway", static_folder=None)
    harden(app)
    app.register_error_handler(RefusedError, _refused)
    app.register_error_handler(PyMongoError, _mongodb_failed)
    Gateway(context).register(app)
    api.JobsApi(context).register(app)
    app.register_blueprint(page.blueprint())
    return app, health(context)


def _refused(error: RefusedError) -> Response:
    response = text(error.text, error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _mongodb_failed(error: PyMongoError) -> Response:
    return unavailable(UnavailableError(f"MongoDB: {error}"))


def main() -> None:
    """Serve until SIGTERM."""
    settings = Settings.load(os.environ)
    serve(functools.partial(create_app, settings), settings.server, settings.health)


if __name__ == "__main__":
    main()
