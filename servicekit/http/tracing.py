"""A span for each request; a client's `traceparent` makes it part of the client's trace."""

from contextlib import ExitStack

from flask import Flask, Response, g, request

from servicekit.http.access_log import counted
from servicekit.tracing import spans


def register(app: Flask) -> None:
    """Give every request of `app` one, except the probes."""
    app.before_request(_begin)
    app.after_request(_note)
    app.teardown_request(_end)


def _begin() -> None:
    """Neither path nor query is an attribute: a stranger writes into them what he likes."""
    if request.endpoint == "healthz":
        return
    attributes = {"http.request.method": counted(request.method)}
    if request.url_rule:
        attributes["http.route"] = request.url_rule.rule
    g.span = ExitStack()
    g.span.enter_context(
        spans.span(
            " ".join(attributes.values()),
            spans.Kind.SERVER,
            attributes,
            request.headers.get(spans.HEADER, ""),
        )
    )


def _note(response: Response) -> Response:
    spans.note_status(response.status_code)
    return response


def _end(_: BaseException | None) -> None:
    if begun := g.pop("span", None):
        begun.close()
