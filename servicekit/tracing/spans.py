"""What a service does, as spans of traces; without an endpoint nothing here does anything.

A span of another service is named by a `traceparent`, the header of W3C's Trace Context.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from typing import TYPE_CHECKING

from servicekit.tracing.settings import TracingSettings

if TYPE_CHECKING:
    from servicekit.tracing.otel import Tracer

HEADER = "traceparent"

Attributes = Mapping[str, str | int]


class Kind(Enum):
    """What a span is to other services; the names are OpenTelemetry's."""

    INTERNAL = auto()
    SERVER = auto()
    CLIENT = auto()
    PRODUCER = auto()
    CONSUMER = auto()


_tracer: "Tracer | None" = None


def start(settings: TracingSettings) -> None:
    """Send spans from now on, if there is an endpoint; in the process that makes them."""
    global _tracer
    if settings.endpoint:
        from servicekit.tracing.otel import Tracer  # 15 MB, for who wants traces

        _tracer = Tracer(settings)


def end() -> None:
    """Send what is left, within a few seconds; no spans from now on."""
    global _tracer
    ended, _tracer = _tracer, None
    if ended:
        ended.end()


@contextmanager
def span(
    name: str, kind: Kind = Kind.INTERNAL, attributes: Attributes | None = None, parent: str = ""
) -> Iterator[None]:
    """What is done inside; a child of `parent`, or else of the span around it, if there is one.

    It has the fields of its thread's log lines, and they have its `trace_id`.
    """
    if _tracer is None:
        yield
        return
    with _tracer.span(name, kind, attributes or {}, parent):
        yield


def note(attributes: Attributes) -> None:
    """Add to the span around; one with an `error.type` has failed."""
    if _tracer is not None:
        _tracer.note(attributes)


def note_status(status: int) -> None:
    """Add the status of an answer to the span around, which fails as the server does."""
    failed = {"error.type": str(status)} if status >= 500 else {}
    note({"http.response.status_code": status, **failed})


def headers() -> dict[str, str]:
    """Those that hand the span around on to another service."""
    name = traceparent()
    return {HEADER: name} if name else {}


def traceparent() -> str:
    """Names the span around; empty where there is none."""
    return _tracer.traceparent() if _tracer is not None else ""
