"""SIGTERM loses nothing: what runs is finished or handed back, what waits is left to others."""

import signal
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.support.broker import Broker
from tests.support.client import Client
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.rabbitmq import Server
from tests.support.smtp import SmtpServer
from tests.support.wait import until
from tests.support.workers import Workers

USER = "shutdown@example.com"


def test_an_idle_worker_ends_at_once_with_0(broker: Broker, workers: Workers) -> None:
    assert workers.converter().terminate(timeout=10) == 0


def test_a_worker_finishes_its_job_and_takes_no_more(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    worker = workers.converter(FFMPEG_BINARY=gate.program)
    first, second = jobs.store(clip, USER), jobs.store(clip, USER)
    broker.submit(first, USER)
    gate.wait_until_held()
    worker.signal(signal.SIGTERM)
    until(lambda: worker.probe() == 503, "the worker takes no more")
    broker.submit(second, USER)
    gate.let_through(1)
    assert worker.terminate() == 0
    assert [message.video_fid for message in broker.take("mp3")] == [first]
    assert [message.video_fid for message in broker.take("video")] == [second]


def test_a_worker_past_its_grace_period_hands_its_job_back(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    worker = workers.converter(FFMPEG_BINARY=gate.program, SHUTDOWN_GRACE="0.5")
    video_fid = jobs.store(clip, USER)
    broker.submit(video_fid, USER)
    gate.wait_until_held()
    assert worker.terminate(timeout=15) == 0
    assert worker.count("the message goes back to the queue") == 1
    assert [message.video_fid for message in broker.take("video")] == [video_fid]
    assert list(workers.work_dir.glob("*/*")) == []
    assert jobs.mp3s_of(video_fid) == []


def test_a_job_that_is_handed_back_more_often_than_the_delivery_limit_is_done_at_last(
    server: Server, broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    if server.counts_returns:
        pytest.skip("RabbitMQ 3.10 counts each return, however it is said")
    video_fid = jobs.store(clip, USER)
    broker.submit(video_fid, USER)
    for held in range(1, 8):
        worker = workers.converter(FFMPEG_BINARY=gate.program, SHUTDOWN_GRACE="0")
        gate.wait_until_held(held)
        assert worker.terminate() == 0
    gate.let_through(1)
    workers.converter(FFMPEG_BINARY=gate.program).wait_for_line("Conversion complete!")
    assert jobs.record(video_fid)["state"] == "done"
    assert broker.ready("dead") == 0


def test_a_worker_that_waits_for_a_server_hands_its_message_back_at_once(
    broker: Broker, workers: Workers, jobs: Jobs, smtp: SmtpServer, clip: bytes
) -> None:
    smtp.always("AUTH", "535 bad credentials")
    worker = workers.notifier(smtp, PAUSE_DELAY="30", PAUSE_DELAY_MAX="30")
    broker.publish(
        "mp3", f'{{"video_fid": "{"a" * 24}", "mp3_fid": "{"b" * 24}", "username": "u@x.com"}}'
    )
    worker.wait_for_line("Waiting for a dependency")
    assert worker.terminate(timeout=10) == 0
    assert len(broker.take("mp3")) == 1


def test_a_worker_ended_in_its_last_moments_has_acknowledged_its_job(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    """The ack is sent before the link is closed; five times, for it is a matter of moments."""
    for _ in range(5):
        worker = workers.converter(FFMPEG_BINARY=gate.program)
        broker.submit(jobs.store(clip, USER), USER)
        worker.wait_for_line("Received message")
        worker.signal(signal.SIGTERM)
        gate.let_through(1)
        assert worker.terminate() == 0
        assert worker.count("Conversion complete!") == 1
        # Nobody else consumes: a message that was not acknowledged would stay.
        until(lambda: broker.ready("video") == 0, "the queue is empty")


def test_a_gateway_finishes_the_upload_in_flight(
    broker: Broker,
    workers: Workers,
    new_user: Callable[[], tuple[str, Client]],
    clip: bytes,
) -> None:
    gateway = workers.gateway()
    _, client = new_user()
    address = urlsplit(gateway.url)
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="v.mp4"\r\n\r\n'
    body += clip + b"\r\n--b--\r\n"
    head = (
        f"POST /upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((str(address.hostname), int(address.port or 0)), 30) as link:
        link.sendall(head.encode() + body[:1000])
        until(lambda: gateway.answers("/healthz"), "the gateway has taken the connection")
        gateway.signal(signal.SIGTERM)
        until(lambda: not gateway.answers("/healthz"), "the gateway takes no more")
        link.sendall(body[1000:])
        answer = b"".join(iter(lambda: link.recv(1000), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"success!")
    assert gateway.terminate() == 0
    assert len(broker.take("video")) == 1
