"""What every answer says of itself to browsers and caches, unless its view knows better."""

from flask import Flask, Response

_DEFAULTS = {
    "Cache-Control": "no-store",  # most answers need a token, or are one
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",  # no document
}


def register(app: Flask) -> None:
    """Give every answer of `app` the headers that it lacks."""
    app.after_request(_complete)


def _complete(response: Response) -> Response:
    for name, value in _DEFAULTS.items():
        response.headers.setdefault(name, value)
    return response
