"""The page at / for people with a browser: static files under a strict policy."""

from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory

from servicekit.http.errors import RefusedError
from static_files import StaticFiles

STATIC = Path(__file__).parent / "static"

# Nothing from elsewhere, nothing inline, no frames.
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
_HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def blueprint() -> Blueprint:
    """The routes of the page, and of the description of the API that it is built on."""
    door = Blueprint("page", __name__)
    files = StaticFiles(STATIC)

    def file(name: str) -> Response:
        response = files.answer(request, name)
        if response is None:
            raise RefusedError("Not Found", 404)
        response.headers.update(_HEADERS)
        return response

    @door.get("/")
    def index() -> Response:
        return file("index.html")

    @door.get("/static/<path:name>")
    def static(name: str) -> Response:
        return file(name)

    @door.get("/openapi.json")
    def openapi() -> Response:
        return send_from_directory(STATIC.parent, "openapi.json")

    return door
