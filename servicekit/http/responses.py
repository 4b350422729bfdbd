"""What both Flask applications do alike: plain-text errors, an access log, metrics."""

import logging
import time
import uuid

from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram
from werkzeug.exceptions import HTTPException

from servicekit.errors import UnavailableError

log = logging.getLogger(__name__)

RETRY_AFTER_S = 5

_requests = Counter("http_requests_total", "Requests answered", ["method", "endpoint", "status"])
_seconds = Histogram("http_request_duration_seconds", "Time to answer", ["method", "endpoint"])


def text(body: str, status: int, **headers: str) -> Response:
    """A plain-text answer; header names are given with underscores."""
    response = Response(body, status, mimetype="text/plain")
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def unauthorized(scheme: str) -> Response:
    """The 401 of every service; `scheme` (Basic or Bearer) is what it asks for."""
    return text("Unauthorized", 401, WWW_Authenticate=f'{scheme} realm="video2mp3"')


def unavailable(error: UnavailableError) -> Response:
    """The 503 that tells a client to come back; the reason is for the log only."""
    log.error("Service unavailable: %s", error)
    return text("Service Unavailable", 503, Retry_After=str(RETRY_AFTER_S))


def harden(app: Flask) -> None:
    """Give `app` the error answers, the access log and the metrics."""
    app.register_error_handler(UnavailableError, unavailable)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    app.before_request(_start_clock)
    app.after_request(_record)


def _http_error(error: HTTPException) -> Response:
    response = text(error.name, error.code or 500)
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    error_id = uuid.uuid4().hex
    log.exception("Unexpected error %s", error_id, exc_info=error)
    return text("Internal Server Error", 500, X_Error_Id=error_id)


def _start_clock() -> None:
    g.started = time.perf_counter()


def _record(response: Response) -> Response:
    seconds = time.perf_counter() - g.started
    endpoint = request.endpoint or "unknown"
    _requests.labels(request.method, endpoint, response.status_code).inc()
    _seconds.labels(request.method, endpoint).observe(seconds)
    log.log(
        logging.DEBUG if endpoint == "healthz" else logging.INFO,
        "%s %s %d %.3fs",
        request.method,
        request.path,
        response.status_code,
        seconds,
        extra={"method": request.method, "status": response.status_code, "duration": seconds},
    )
    return response
