"""One log line and two metrics for each request."""

import logging
import time

from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

log = logging.getLogger(__name__)

_requests = Counter("http_requests_total", "Requests answered", ["method", "endpoint", "status"])
_seconds = Histogram("http_request_duration_seconds", "Time to answer", ["method", "endpoint"])


def register(app: Flask) -> None:
    """Log and count every request of `app`."""
    app.before_request(_start_clock)
    app.after_request(_record)


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
