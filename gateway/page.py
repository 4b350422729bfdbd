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
    """The routes / and /static/…; the page's own API calls are the gateway's."""
    pages = Blueprint("page", __name__)
    pages.add_url_rule("/", "index", lambda: _file("index.html"))
    pages.add_url_rule("/static/<path:name>", "static", _file)
    return pages


def _file(name: str) -> Response:
    """A file that browsers keep, but ask about each time: Flask's default."""
    response = send_from_directory(STATIC, name)
    response.headers.update(_HEADERS)
    return response
