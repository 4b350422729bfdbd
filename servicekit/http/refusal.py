"""The answer to what is refused before it is a request, so that no view and no Flask sees it."""

import socket
from http import HTTPStatus
from typing import Any

from gunicorn import util

from servicekit.http.headers import DEFAULTS


def refusal(status: int) -> bytes:
    """A whole answer, after which the connection is closed."""
    phrase = HTTPStatus(status).phrase
    fields = DEFAULTS | {
        "Connection": "close",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(phrase)),
    }
    lines = (f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} {phrase}\r\n{''.join(lines)}\r\n{phrase}".encode()


def replace_gunicorns() -> None:
    """Let gunicorn refuse in this way; the reason is in the log, where it puts it too."""
    util.write_error = _write


def _write(client: socket.socket, status: int, _reason: str, _message: str) -> Any:
    return util.write_nonblock(client, refusal(status))
