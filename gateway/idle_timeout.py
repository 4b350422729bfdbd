"""How long the gateway waits for a silent client."""

from flask import Request


def limit(request: Request, seconds: float) -> None:
    """From now on, TimeoutError when the client neither sends nor takes a byte for `seconds`.

    A thread is held as long as a client stalls. gunicorn lifts the limit before the next request.
    """
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(seconds)
