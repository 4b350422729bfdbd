"""One trace leads from an upload over the queues to its mail, where an operator asks for traces."""

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pytest
import requests

from tests.support.auth import own_auth
from tests.support.broker import Broker
from tests.support.client import Client
from tests.support.machine import free_port
from tests.support.multipart import FORM_TYPE, form, part
from tests.support.otlp import Receiver, Span
from tests.support.process import Process
from tests.support.smtp import SmtpServer
from tests.support.stack import Stack
from tests.support.users import NewUser, User
from tests.support.wait import until
from tests.support.workers import Workers

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
UPLOAD = {"traceparent": f"00-{TRACE}-{CALLER}-01", "X-Request-Id": "order-66"}
SOON = "100"  # milliseconds between two batches of spans
NEVER = "86400000"
LOST = "Spans are lost"
EMAIL = "somebody@example.com"

# Each span of a job that ends well, with the one that it is part of.
TREE = {
    "gateway: POST /upload": None,
    "gateway: POST /validate": "gateway: POST /upload",
    "auth: POST /validate": "gateway: POST /validate",
    "gateway: publish video": "gateway: POST /upload",
    "converter: process video": "gateway: publish video",
    "converter: convert": "converter: process video",
    "converter: store": "converter: process video",
    "converter: publish mp3": "converter: process video",
    "notification: process mp3": "converter: publish mp3",
}
KINDS = {
    "POST /upload": "SERVER",
    "publish video": "PRODUCER",
    "process video": "CONSUMER",
    "convert": "INTERNAL",
    "publish mp3": "PRODUCER",
    "process mp3": "CONSUMER",
}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def traced(url: str, delay: str = SOON) -> dict[str, str]:
    """The settings of a service whose spans go to `url`."""
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_BSP_SCHEDULE_DELAY": delay,
        "LOG_FORMAT": "json",
    }


def upload(gateway: Process, user: User, content: bytes) -> requests.Response:
    """The answer to an upload that is part of somebody's trace."""
    client = Client(gateway.url, user.client.token)
    answer = client.request(
        "POST",
        "/upload",
        UPLOAD | {"Content-Type": FORM_TYPE},
        data=form(part("file", content, "talk.mp4")),
    )
    assert answer.ok
    return answer


def whole(spans: Sequence[Span]) -> list[Span]:
    """The upload's trace, once as many spans of it are there as there should be."""
    found = [span for span in spans if span.trace == TRACE]
    return found if len(found) >= len(TREE) else []


def tree(spans: Sequence[Span]) -> dict[str, str | None]:
    """Each span with the one that it is part of, None where that is not among them."""
    labels = {span.id: span.label for span in spans}
    return {span.label: labels.get(span.parent) for span in spans}


def test_one_trace_leads_from_the_upload_to_the_mail(
    stack: Stack,
    workers: Workers,
    smtp: SmtpServer,
    receiver: Receiver,
    new_user: NewUser,
    clip: bytes,
    exits: ExitStack,
) -> None:
    settings, user = traced(receiver.url), new_user()
    auth = exits.enter_context(own_auth(stack, **settings))
    gateway = workers.gateway(AUTH_SVC_ADDRESS=auth.url.removeprefix("http://"), **settings)
    others = [workers.converter(**settings), workers.notifier(smtp, **settings)]
    job = upload(gateway, user, clip).headers["X-Job-Id"]
    receiver.wait_for("notification: process mp3")
    spans = until(lambda: whole(receiver.spans()), "all spans of the trace")

    assert tree(spans) == TREE
    (first,) = (span for span in spans if span.label == "gateway: POST /upload")
    assert (first.parent, {span.trace for span in spans}) == (CALLER, {TRACE})
    assert (
        KINDS.items() <= {span.name: span.kind for span in spans if span.kind != "CLIENT"}.items()
    )
    assert not any(span.failed or span.links for span in spans)
    assert {span.attributes["video2mp3.request_id"] for span in spans} == {"order-66"}
    of_job = {span.label for span in spans if span.attributes.get("video2mp3.job_id") == job}
    assert of_job == TREE.keys() - {"gateway: POST /validate", "auth: POST /validate"}
    assert not any(user.email.encode() in body for body in receiver.bodies)
    for process in [auth, gateway, *others]:
        assert TRACE in {
            json.loads(line).get("trace_id") for line in process.lines if line[0] == "{"
        }


def test_a_job_that_is_announced_again_stays_in_its_trace(
    workers: Workers, broker: Broker, receiver: Receiver, new_user: NewUser, clip: bytes
) -> None:
    settings = traced(receiver.url)
    gateway = workers.gateway(ANNOUNCE_INTERVAL="0.2", ANNOUNCE_LOST_AFTER="1", **settings)
    upload(gateway, new_user(), clip)
    assert len(broker.take("video")) == 1  # as an operator would, by hand
    until(lambda: broker.ready("video") == 1, "the job is announced again")
    workers.converter(**settings)
    spans = receiver.wait_for("converter: publish mp3")
    published = [span.trace for span in spans if span.name == "publish video"]
    assert len(published) > 1  # a slow converter's job is announced more than once
    assert set(published) == {TRACE}


def test_a_job_that_is_tried_again_stays_in_its_trace_and_names_the_request(
    workers: Workers, receiver: Receiver, new_user: NewUser, silent_clip: bytes
) -> None:
    settings, user = traced(receiver.url), new_user()
    gateway = workers.gateway(**settings)
    workers.converter(**settings)
    job = upload(gateway, user, silent_clip).headers["X-Job-Id"]
    spans = receiver.wait_for("converter: publish mp3")
    assert [span.failed for span in spans if span.name == "convert"] == [True]
    retry = Client(gateway.url, user.client.token).request("POST", f"/jobs/{job}/retry")
    assert retry.ok
    spans = receiver.wait_for("converter: publish mp3", count=2)
    assert {span.trace for span in spans} == {TRACE}
    again = [span for span in spans if span.name == "publish video"][1]
    (asked,) = receiver.wait_for("gateway: POST /jobs/<job_id>/retry")[-1:]
    assert again.links == (asked.id,)


def test_a_receiver_that_is_gone_costs_one_warning_and_no_job(
    workers: Workers, smtp: SmtpServer, new_user: NewUser, clip: bytes
) -> None:
    settings = traced(f"http://127.0.0.1:{free_port()}") | {"OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    gateway = workers.gateway(**settings)
    processes = [gateway, workers.converter(**settings), workers.notifier(smtp, **settings)]
    for count in (1, 2):
        upload(gateway, new_user(), clip)
        smtp.wait_for_mails(count)
        for process in processes:
            process.wait_for_line(LOST)
    assert [process.terminate() for process in processes] == [0, 0, 0]
    assert [process.count("Traceback") for process in processes] == [0, 0, 0]
    assert [process.count(LOST) for process in processes] == [1, 1, 1]


def test_a_service_that_is_told_to_end_sends_its_last_spans(
    workers: Workers, smtp: SmtpServer, receiver: Receiver, new_user: NewUser, clip: bytes
) -> None:
    settings = traced(receiver.url, delay=NEVER)
    gateway = workers.gateway(**settings)
    processes = [gateway, workers.converter(**settings), workers.notifier(smtp, **settings)]
    upload(gateway, new_user(), clip)
    processes[2].wait_for_line("Email sent successfully!")
    assert not receiver.spans()
    assert [process.terminate() for process in processes] == [0, 0, 0]
    labels = {span.label for span in receiver.spans()}
    assert labels == {label for label in TREE if not label.startswith("auth")}


def test_a_receiver_that_keeps_silent_holds_up_no_end(
    workers: Workers, smtp: SmtpServer, exits: ExitStack, broker: Broker
) -> None:
    silent = exits.enter_context(socket.create_server(("127.0.0.1", 0)))
    url = f"http://127.0.0.1:{silent.getsockname()[1]}"
    settings = traced(url) | {"OTEL_EXPORTER_OTLP_TIMEOUT": NEVER}
    notifier = workers.notifier(smtp, **settings)
    broker.publish(
        "mp3", json.dumps({"video_fid": "0" * 24, "mp3_fid": "0" * 24, "username": EMAIL})
    )
    smtp.wait_for_mails(1)
    assert notifier.terminate() == 0
