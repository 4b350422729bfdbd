"""How long the gateway waits for a client that sends or takes slowly.

Outside of gunicorn, which gives its connection with the request, nobody is waited for.
"""

from flask import Request

from servicekit.http.client import ClientSocket, Patience
from settings import UploadSettings


def with_upload(request: Request, limits: UploadSettings) -> None:
    """From now on, TimeoutError when the client keeps silent, or sends less than the rate."""
    if connection := _connection(request):
        connection.patience = Patience(limits.idle_timeout, limits.min_rate)


def with_download(request: Request, seconds: float) -> None:
    """From now on the client has `seconds` for each piece of the answer, or TimeoutError."""
    if connection := _connection(request):
        connection.stream(seconds)


def _connection(request: Request) -> ClientSocket | None:
    return request.environ.get("gunicorn.socket")
