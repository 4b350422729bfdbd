"""The Flask application of a service: its doors, and what all services answer alike."""

from flask import Blueprint, Flask, Response, request

from servicekit.http import access_log, errors, headers, request_id, tracing
from servicekit.http.errors import RefusedError
from servicekit.http.responses import text


def make_app(name: str, *doors: Blueprint) -> Flask:
    """An application with these blueprints, the error answers, the access log and /healthz."""
    app = Flask(name, static_folder=None)
    app.url_map.merge_slashes = False  # a redirect would be built of the Host that a client sends
    errors.register(app)
    request_id.register(app)
    tracing.register(app)
    access_log.register(app)
    headers.register(app)
    app.before_request(_has_host)
    app.add_url_rule("/healthz", "healthz", _healthz)
    for door in doors:
        app.register_blueprint(door)
    return app


def _has_host() -> None:
    """RFC 9112, section 3.2: HTTP/1.1 without a Host is refused; gunicorn lets it through."""
    sent = request.environ
    if sent.get("SERVER_PROTOCOL") == "HTTP/1.1" and "HTTP_HOST" not in sent:
        raise RefusedError("Bad Request")


def _healthz() -> Response:
    return text("ok", 200)
