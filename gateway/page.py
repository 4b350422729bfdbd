"""The page at / for people with a browser: static files under a strict policy.

Beside it what its foot leads to: the description of the API, and the command for terminals.
"""

from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory

from servicekit.http.errors import RefusedError
from static_files import StaticFile, StaticFiles

STATIC = Path(__file__).parent / "static"
COMMAND = Path(__file__).parent / "cli" / "video2mp3.py"

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
    """The routes of the page, and of what its foot leads to."""
    door = Blueprint("page", __name__)
    files = StaticFiles(STATIC)
    program = StaticFile.of(COMMAND.name, COMMAND.read_bytes())

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

    @door.get("/cli")
    def cli() -> Response:
        response = program.answer(request, immutable=False)
        response.headers["Content-Disposition"] = f"attachment; filename={COMMAND.stem}"
        return response

    return door
