"""One log line and two metrics for each request."""

import logging
import time
from http import HTTPMethod

from flask import Flask, Response, current_app, g, request

from servicekit.metrics import http as metrics

log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """Log and count every request of `app`."""
    app.before_request(_start_clock)
    app.after_request(_record)


def _start_clock() -> None:
    g.started = time.perf_counter()


def _record(response: Response) -> Response:
    seconds = time.perf_counter() - g.started
    endpoint = request.endpoint or "unknown"
    method = counted(request.method)
    metrics.REQUESTS.labels(method, endpoint, response.status_code).inc()
    metrics.SECONDS.labels(method, endpoint).observe(seconds)
    log.log(
        logging.DEBUG if endpoint == "healthz" else logging.INFO,
        "%s %s %d %.3fs",
        request.method,
        _shown_path(),
        response.status_code,
        seconds,
        extra={"method": request.method, "status": response.status_code, "duration": seconds},
    )
    return response


def _shown_path() -> str:
    """The request's path; the rule in its place where what follows is a `secret`."""
    for rule in current_app.url_map.iter_rules():
        if "secret" in rule.arguments and request.path.startswith(rule.rule.partition("<")[0]):
            return rule.rule
    return request.path


def counted(method: str) -> str:
    """The label of a method: clients invent methods, and each would stay as a series of its own."""
    return method if method in HTTPMethod.__members__ else "other"
