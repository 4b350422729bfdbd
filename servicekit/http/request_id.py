"""The id of a request: the client's or a proxy's if it is one, else a new one."""

from flask import Flask, Response, request

from servicekit import about

HEADER = "X-Request-Id"


def register(app: Flask) -> None:
    """Give every request of `app` an id, which its log lines and its answer have too."""
    app.before_request(_begin)
    app.after_request(_tell)
    app.teardown_request(lambda _: about.begin())


def _begin() -> None:
    about.begin(request_id=about.sane_or_new(request.headers.get(HEADER)))


def _tell(response: Response) -> Response:
    response.headers[HEADER] = about.request_id()
    return response
