"""The Flask application of a service: its doors, and what all services answer alike."""

from flask import Blueprint, Flask, Response

from servicekit.http import access_log, errors
from servicekit.http.responses import text


def make_app(name: str, *doors: Blueprint) -> Flask:
    """An application with these blueprints, the error answers, the access log and /healthz."""
    app = Flask(name, static_folder=None)
    errors.register(app)
    access_log.register(app)
    app.add_url_rule("/healthz", "healthz", _healthz)
    for door in doors:
        app.register_blueprint(door)
    return app


def _healthz() -> Response:
    return text("ok", 200)
