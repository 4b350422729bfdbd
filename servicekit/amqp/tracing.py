"""The spans of messages: who takes one goes on with the trace of who published it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from servicekit.tracing import spans
from servicekit.tracing.spans import Kind


def publishing(queue: str, request_id: str, parent: str) -> AbstractContextManager[None]:
    """The span around a publish; a child of `parent`, or of the span around."""
    attributes = _attributes(queue, "publish", "send", request_id)
    return spans.span(f"publish {queue}", Kind.PRODUCER, attributes, parent)


def processing(queue: str, request_id: str, parent: str) -> AbstractContextManager[None]:
    """The span around all that is done for a delivered message, waits for a dependency among it."""
    attributes = _attributes(queue, "process", "process", request_id)
    return spans.span(f"process {queue}", Kind.CONSUMER, attributes, parent)


def ended(outcome: str, failed: bool) -> None:
    """What the broker is told at the end of `processing`."""
    spans.note({"video2mp3.outcome": outcome} | ({"error.type": outcome} if failed else {}))


def parent_in(headers: Mapping[str, Any]) -> str:
    """The span that published the message with these headers; empty if they do not say."""
    traceparent = headers.get(spans.HEADER)
    return traceparent if isinstance(traceparent, str) else ""


def _attributes(queue: str, operation: str, kind: str, request_id: str) -> dict[str, str]:
    named = {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": operation,
        "messaging.operation.type": kind,
        "messaging.destination.name": queue,
    }
    return named | ({"messaging.message.conversation_id": request_id} if request_id else {})
