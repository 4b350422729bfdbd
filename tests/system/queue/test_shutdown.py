"""SIGTERM loses no job: the running one is finished or goes back to the queue."""

import signal

import pytest

from tests.support.broker import Broker
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.multipart import answer, begun_upload, form, part
from tests.support.rabbitmq import Server
from tests.support.smtp import SmtpServer
from tests.support.users import NewUser
from tests.support.wait import until
from tests.support.workers import Workers

USER = "shutdown@example.com"


def test_an_idle_worker_ends_at_once_with_0(broker: Broker, workers: Workers) -> None:
    assert workers.converter().terminate(timeout=10) == 0


def test_a_worker_finishes_its_job_and_takes_no_more(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    worker = workers.converter(PATH=gate.path)
    first, second = jobs.store(clip, USER), jobs.store(clip, USER)
    broker.submit(first, USER)
    gate.wait_until_held()
    worker.signal(signal.SIGTERM)
    until(lambda: worker.probe() == 503, "the worker takes no more")
    broker.submit(second, USER)
    gate.let_through(1)
    assert worker.end() == 0
    assert [message.video_fid for message in broker.take("mp3")] == [first]
    assert [message.video_fid for message in broker.take("video")] == [second]


def test_a_worker_past_its_grace_period_hands_its_job_back(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    worker = workers.converter(PATH=gate.path, SHUTDOWN_GRACE="0.5")
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
        worker = workers.converter(PATH=gate.path, SHUTDOWN_GRACE="0")
        gate.wait_until_held(held)
        assert worker.terminate() == 0
    gate.let_through(1)
    workers.converter(PATH=gate.path).wait_for_line("Conversion complete!")
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
    """The ack is sent before the connection closes; five times, because it depends on timing."""
    for _ in range(5):
        worker = workers.converter(PATH=gate.path)
        broker.submit(jobs.store(clip, USER), USER)
        worker.wait_for_line("Received message")
        worker.signal(signal.SIGTERM)
        gate.let_through(1)
        assert worker.end() == 0
        assert worker.count("Conversion complete!") == 1
        # Nobody else consumes: a message without an ack would be ready again.
        until(lambda: broker.ready("video") == 0, "the queue is empty")


def test_a_gateway_finishes_the_upload_in_flight(
    broker: Broker, workers: Workers, new_user: NewUser, clip: bytes
) -> None:
    gateway = workers.gateway()
    body = form(part("file", clip, "v.mp4"))
    with begun_upload(gateway.url, new_user().client.token, len(body)) as connection:
        connection.send(body[:1000])
        until(lambda: gateway.answers("/healthz"), "the gateway has taken the connection")
        gateway.signal(signal.SIGTERM)
        until(lambda: not gateway.answers("/healthz"), "the gateway takes no more")
        connection.send(body[1000:])
        assert answer(connection) == (200, "success!")
    assert gateway.end() == 0
    assert len(broker.take("video")) == 1
