"""The gateway: the one service that clients talk to."""

import functools
import os

import pymongo
from flask import Flask, Response, request

from auth import validate
from auth_svc import access
from download.answer import answer, mp3_name
from servicekit import broker, filestore, logs, mongo
from servicekit.errors import UnavailableError
from servicekit.health import Health
from servicekit.messages import VIDEO_QUEUE, JobMessage
from servicekit.publish import publish
from servicekit.serve import serve
from servicekit.settings import load_or_exit
from servicekit.web import harden, text
from settings import Settings
from storage import util
from upload import body
from upload.errors import RefusedError

PING_TIMEOUT = 2.0  # seconds


class Gateway:
    """The views: each parses the request, calls one function and maps its result."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = mongo.connect(settings.mongo)
        self._videos = self._client["videos"]
        self._mp3s = self._client["mp3s"]

    def healthz(self) -> Response:
        return text("ok", 200)

    def login(self) -> Response:
        return access.login(self._settings.auth, request.headers.get("Authorization"))

    def upload(self) -> Response:
        """The body is not touched before its sender is known."""
        username = validate.token(self._settings.auth, request)
        pieces = body.pieces(request, self._settings.upload)
        video_fid = util.upload(
            self._videos, request.headers.get("Content-Type", ""), pieces, username
        )
        try:
            message = JobMessage(video_fid, username)
            publish(self._settings.broker, VIDEO_QUEUE, message.encode())
        except UnavailableError:
            filestore.remove(self._videos, video_fid)
            raise
        return text("success!", 200)

    def download(self) -> Response:
        username = validate.token(self._settings.auth, request)
        fid = request.args.get("fid")
        if not fid:
            return text("No fid provided", 400)
        mp3 = util.find_owned(self._mp3s, fid, username)
        if mp3 is None:
            return text("File not found", 404)
        video = util.find_owned(self._videos, mp3["metadata"].get("video_fid", ""), username)
        name = mp3_name(video["filename"]) if video else f"{fid}.mp3"
        return answer(request, mp3, name, functools.partial(util.read, self._mp3s, mp3))

    def health(self) -> Health:
        """Ready when everything that an upload needs answers."""
        settings = self._settings

        def mongodb() -> None:
            with pymongo.timeout(PING_TIMEOUT):
                mongo.ping(self._client)

        return Health(
            live=lambda: True,
            ready={
                "mongodb": mongodb,
                "rabbitmq": lambda: broker.ping(settings.broker, PING_TIMEOUT),
                "auth": lambda: access.ping(settings.auth),
            },
        )


def create_app(settings: Settings) -> tuple[Flask, Health]:
    """The application and its health; connects to nothing yet."""
    logs.configure(settings.log, "gateway")
    gateway = Gateway(settings)
    app = Flask("gateway", static_folder=None)
    harden(app)
    app.register_error_handler(RefusedError, lambda error: text(error.text, error.status))
    app.add_url_rule("/healthz", view_func=gateway.healthz)
    app.add_url_rule("/login", view_func=gateway.login, methods=["POST"])
    app.add_url_rule("/upload", view_func=gateway.upload, methods=["POST"])
    app.add_url_rule("/download", view_func=gateway.download)
    return app, gateway.health()


def main() -> None:
    """Serve until SIGTERM."""
    settings = load_or_exit(Settings.from_env, os.environ)
    serve(functools.partial(create_app, settings), settings.server, settings.health)


if __name__ == "__main__":
    main()
