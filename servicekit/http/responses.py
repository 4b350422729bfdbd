"""The plain-text answer that every service gives."""

from collections.abc import Mapping

from flask import Response


def text(body: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """A plain-text answer."""
    return Response(body, status, headers, mimetype="text/plain")
