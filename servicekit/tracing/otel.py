"""Spans by OpenTelemetry's SDK, sent by a thread of its own; imported where traces are wanted."""

import logging
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from servicekit import __version__, about
from servicekit.tracing.settings import TracingSettings
from servicekit.tracing.spans import HEADER, Attributes, Kind

log = logging.getLogger(__name__)

FLUSH_TIMEOUT = 3.0  # seconds; each service has 5 at least between its last work and SIGKILL
PATH = "/v1/traces"  # where OTLP over HTTP takes spans

# What a thread works on, as a span's attributes: `user` is a hash, as in logs.
_FIELDS = {
    "request_id": "video2mp3.request_id",
    "job_id": "video2mp3.job_id",
    "user": "user.hash",
}
_PROPAGATOR = TraceContextTextMapPropagator()


class Tracer:
    """Makes spans, and hands them to the thread that sends them."""

    def __init__(self, settings: TracingSettings) -> None:
        resource = Resource.create(
            {
                "service.name": settings.service,
                "service.namespace": "video2mp3",
                "service.version": __version__,
                "service.instance.id": socket.gethostname(),
            }
        )
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=settings.endpoint.rstrip("/") + PATH)
        self._provider.add_span_processor(BatchSpanProcessor(_Told(exporter)))
        self._tracer = self._provider.get_tracer("video2mp3", __version__)
        # It reports each attempt; one line for an outage is enough.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)

    @contextmanager
    def span(self, name: str, kind: Kind, attributes: Attributes, parent: str) -> Iterator[None]:
        """A span of what is done inside; with a parent elsewhere it has a link to that around."""
        around = trace.get_current_span().get_span_context()
        elsewhere = parent and parent != self.traceparent()
        current = self._tracer.start_as_current_span(
            name,
            _PROPAGATOR.extract({HEADER: parent}) if elsewhere else None,
            trace.SpanKind[kind.name],
            attributes,
            [trace.Link(around)] if elsewhere and around.is_valid else [],
            record_exception=False,  # its text may name a person
            set_status_on_exception=False,
        )
        with current as span, about.about(trace_id=_trace_id(span)):
            try:
                yield
            except BaseException as error:
                self.note({"error.type": type(error).__name__})
                raise
            finally:
                fields = about.fields()
                span.set_attributes({_FIELDS[n]: fields[n] for n in _FIELDS if n in fields})

    def note(self, attributes: Attributes) -> None:
        """Add to the span around; one with an `error.type` has failed."""
        span = trace.get_current_span()
        span.set_attributes(attributes)
        if "error.type" in attributes:
            span.set_status(trace.StatusCode.ERROR)

    def traceparent(self) -> str:
        """Names the span around; empty where there is none."""
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier)
        return carrier.get(HEADER, "")

    def end(self) -> None:
        """Send what is left, or give up after `FLUSH_TIMEOUT`: the SDK's own limit is 30 s."""
        thread = threading.Thread(target=self._provider.shutdown, name="flush", daemon=True)
        thread.start()
        thread.join(FLUSH_TIMEOUT)


class _Told(SpanExporter):
    """An exporter that tells in the log when its receiver is gone, and when it is back."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._works = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send them; those that nobody takes are lost."""
        result = self._exporter.export(spans)
        works = result is SpanExportResult.SUCCESS
        if works != self._works:
            self._works = works
            log.log(
                logging.INFO if works else logging.WARNING,
                "Spans are sent again" if works else "Spans are lost: nobody takes them",
            )
        return result

    def shutdown(self) -> None:
        """Give up what it tries to send."""
        self._exporter.shutdown()


def _trace_id(span: trace.Span) -> str:
    context = span.get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""
