"""How a request ends that is not answered as asked: refused, unavailable, or failed."""

import logging
import uuid
from collections.abc import Mapping

from flask import Flask, Response, json, request
from werkzeug.exceptions import HTTPException

from servicekit.errors import UnavailableError
from servicekit.http import problem
from servicekit.http.problem import Code
from servicekit.http.responses import text
from servicekit.metrics import http as metrics

log = logging.getLogger(__name__)

RETRY_AFTER_S = 5


class RefusedError(Exception):
    """The request is refused; `text` is the whole answer, with this status and these headers.

    Who asks for JSON gets the `code` too, by default that of the status. Header names are given
    with underscores.
    """

    def __init__(
        self, text: str, status: int = 400, code: Code | None = None, **headers: str
    ) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
        self.code = code or Code.of(status)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class LimitError(RefusedError):
    """The request is refused by the limit of this name, which is counted."""

    def __init__(
        self, limit: str, text: str, status: int, code: Code | None = None, **headers: str
    ) -> None:
        super().__init__(text, status, code, **headers)
        self.limit = limit


def unauthorized(scheme: str) -> RefusedError:
    """The 401 of every service; `scheme` (Basic or Bearer) is what it asks for."""
    return RefusedError("Unauthorized", 401, WWW_Authenticate=f'{scheme} realm="video2mp3"')


def register(app: Flask) -> None:
    """Map every exception of a view to its answer."""
    app.register_error_handler(RefusedError, _refused)
    app.register_error_handler(UnavailableError, unavailable)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, unexpected)


def unavailable(error: UnavailableError) -> Response:
    """The 503 that tells a client to come back; the reason is for the log only."""
    log.error("Service unavailable: %s", error)
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return _answer("Service Unavailable", 503, Code.UNAVAILABLE, headers)


def unexpected(error: Exception) -> Response:
    """The 500 of what nobody foresaw; its id leads to the traceback in the log."""
    error_id = uuid.uuid4().hex
    log.exception("Unexpected error %s", error_id, exc_info=error)
    headers = {"X-Error-Id": error_id}
    return _answer("Internal Server Error", 500, Code.INTERNAL, headers, error_id=error_id)


def _refused(error: RefusedError) -> Response:
    if isinstance(error, LimitError):
        metrics.REFUSALS.labels(error.limit).inc()
    return _answer(error.text, error.status, error.code, error.headers)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    own = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return _answer(error.name, status, Code.of(status), own)


def _answer(
    words: str, status: int, code: Code, headers: Mapping[str, str], **more: str
) -> Response:
    """The words alone, or the problem's details for who asks for JSON."""
    if problem.is_wanted(request.accept_mimetypes):
        body = json.dumps(problem.details(words, status, code, **more))
        response = Response(body, status, headers, mimetype=problem.PROBLEM)
    else:
        response = text(words, status, headers)
    response.vary.add("Accept")
    return response
