"""The page at / for people with a browser: static files under a strict policy."""

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

STATIC = Path(__file__).parent / "static"

# Nothing from elsewhere, nothing inline, no frames; blob: is the MP3 that the page plays.
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "form-action": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
_HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def blueprint() -> Blueprint:
    """The routes of the page, and of the description of the API that it is built on."""
    door = Blueprint("page", __name__)

    @door.get("/")
    def index() -> Response:
        return _file("index.html")

    @door.get("/static/<path:name>")
    def static(name: str) -> Response:
        return _file(name)

    @door.get("/openapi.json")
    def openapi() -> Response:
        return send_from_directory(STATIC.parent, "openapi.json")

    return door


def _file(name: str) -> Response:
    """A file that browsers keep, but ask about each time: Flask's default."""
    response = send_from_directory(STATIC, name)
    response.headers.update(_HEADERS)
    return response
