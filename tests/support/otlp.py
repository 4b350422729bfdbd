"""A receiver of spans, which speaks OTLP over HTTP as collectors do."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Message

from tests.support.closing import Closing
from tests.support.wait import until

PATH = "/v1/traces"


@dataclass(frozen=True)
class Span:
    """A span as it came; ids are in hexadecimal, `parent` and `links` are ids of spans."""

    service: str
    name: str
    kind: str
    trace: str
    id: str
    parent: str
    links: tuple[str, ...]
    failed: bool
    attributes: Mapping[str, str]

    @property
    def label(self) -> str:
        """Whose it is, and what."""
        return f"{self.service}: {self.name}"


class Receiver(Closing):
    """Takes spans as long as the context manager, on a port that is free."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == PATH:
                    receiver.bodies.append(body)
                self.send_response(200 if self.path == PATH else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """What came is in `bodies`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Take no more."""
        self._server.shutdown()
        self._server.server_close()

    def spans(self) -> list[Span]:
        """All that have come."""
        return [
            _span(_texts(resource.resource.attributes)["service.name"], span)
            for body in list(self.bodies)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def wait_for(self, label: str, count: int = 1) -> list[Span]:
        """All spans of the trace that the first one with this label is of, once so many came."""

        def found() -> list[Span]:
            labelled = [span for span in self.spans() if span.label == label]
            return labelled if len(labelled) >= count else []

        first = until(found, f"{count} of {label}")[0]
        return [span for span in self.spans() if span.trace == first.trace]


def _span(service: str, span: Message) -> Span:
    return Span(
        service=service,
        name=span.name,
        kind=Message.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        links=tuple(link.span_id.hex() for link in span.links),
        failed=span.status.code == span.status.STATUS_CODE_ERROR,
        attributes=_texts(span.attributes),
    )


def _texts(attributes: Iterable[KeyValue]) -> dict[str, str]:
    return {one.key: one.value.string_value or str(one.value.int_value) for one in attributes}
