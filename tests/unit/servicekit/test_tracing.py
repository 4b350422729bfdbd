"""Traces are off until there is an endpoint, and then tell nothing that they should not."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from flask import Blueprint, Response

from servicekit.http.app import make_app
from servicekit.http.responses import text
from servicekit.settings import Env, SettingsError
from servicekit.tracing import spans
from servicekit.tracing.settings import TracingSettings
from tests.support.otlp import Receiver, Span
from tests.support.project import ROOT

PROGRAMS = {
    "auth": "server",
    "gateway": "server",
    "converter": "consumer",
    "notification": "consumer",
}
# What each service does, without an endpoint; prints what was loaded for it.
UNTRACED = """
import sys
from servicekit.tracing import spans
from servicekit.tracing.settings import TracingSettings
import {program}
spans.start(TracingSettings("", "any"))
with spans.span("any"):
    spans.note({{"any": spans.traceparent()}})
spans.end()
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where this process's spans go."""
    with Receiver() as receiver:
        spans.start(TracingSettings(f"{receiver.url}/", "any"))
        yield receiver
        spans.end()


def span_of(receiver: Receiver, path: str, **headers: str) -> Span:
    """The span of one request."""
    door = Blueprint("door", __name__)

    @door.get("/files/<name>")
    def show(name: str) -> Response:
        return text(str(1 // (name != "bad")), 200)

    make_app("any", door).test_client().get(path, headers=headers)
    spans.end()
    (span,) = receiver.spans()
    return span


@pytest.mark.parametrize("service", PROGRAMS)
def test_nothing_of_opentelemetry_is_loaded_without_an_endpoint(service: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNTRACED.format(program=PROGRAMS[service])],
        cwd=ROOT / service,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / service}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("endpoint", ["collector:4318", "grpc://collector:4317", "http://"])
def test_a_bad_endpoint_is_named(endpoint: str) -> None:
    env = Env({"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint})
    TracingSettings.read(env, "any")
    with pytest.raises(SettingsError, match="OTEL_EXPORTER_OTLP_ENDPOINT must be a URL"):
        env.check()


def test_a_span_is_of_the_service_unless_the_environment_names_another() -> None:
    assert TracingSettings.read(Env({}), "auth").service == "auth"
    assert TracingSettings.read(Env({"OTEL_SERVICE_NAME": "eu-auth"}), "auth").service == "eu-auth"


def test_a_request_is_part_of_its_clients_trace(receiver: Receiver) -> None:
    span = span_of(receiver, "/files/any", traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    assert (span.trace, span.parent) == ("a" * 32, "b" * 16)


@pytest.mark.parametrize(
    "sent",
    [
        "00-zz",
        f"00-{'0' * 32}-{'b' * 16}-01",
        f"00-{'a' * 32}-{'0' * 16}-01",
        f"ff-{'a' * 32}-{'b' * 16}-01",
        "a" * 10_000,
    ],
)
def test_a_malformed_traceparent_begins_a_trace(receiver: Receiver, sent: str) -> None:
    span = span_of(receiver, "/files/any", traceparent=sent)
    assert span.parent == ""
    assert span.trace not in ("0" * 32, "a" * 32)


@pytest.mark.parametrize("path", ["/files/me@example.com?to=me@example.com", "/me@example.com"])
def test_nothing_that_a_client_makes_up_is_in_a_span(receiver: Receiver, path: str) -> None:
    span_of(receiver, path, Referer="http://me@example.com")
    assert b"me@example.com" not in b"".join(receiver.bodies)


def test_a_failure_of_the_server_is_one_of_the_span(receiver: Receiver) -> None:
    span = span_of(receiver, "/files/bad")
    assert (span.name, span.failed) == ("GET /files/<name>", True)
    assert span.attributes["http.response.status_code"] == "500"
