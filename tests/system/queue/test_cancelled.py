"""A consumer that the broker cancels declares its queue again and consumes."""

import pytest

from tests.support.broker import Broker
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.relay import Relay
from tests.support.wait import until
from tests.support.workers import Workers

USER = "cancelled@example.com"


def test_a_deleted_queue_is_declared_again_and_consumed_within_10_s(
    broker: Broker, workers: Workers, jobs: Jobs, clip: bytes
) -> None:
    worker = workers.converter()
    broker.delete_queue("video")
    until(lambda: broker.exists("video") and broker.consumers("video") == 1, "consuming", 10)
    broker.submit(jobs.store(clip, USER), USER)
    worker.wait_for_line("Conversion complete!", timeout=10)
    until(lambda: broker.queue("video").get("policy") == "jobs", "the policy applies")
    queue = broker.queue("video")
    assert (queue["type"], queue["durable"]) == ("quorum", True)


def test_a_job_whose_queue_is_deleted_is_broken_off(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    worker = workers.converter(PATH=gate.path)
    broker.submit(jobs.store(clip, USER), USER)
    gate.wait_until_held()
    broker.delete_queue("video")
    worker.wait_for_line("Waiting for messages...", count=2, timeout=10)
    assert list(workers.work_dir.glob("*/*")) == []


@pytest.mark.parametrize("fault", ["cut", "stall"])
def test_a_worker_whose_link_is_lost_during_a_job_does_it_again_later(
    fault: str, broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    with Relay(broker.url("converter")) as link:
        worker = workers.converter(RABBITMQ_URL=link.url, RABBITMQ_HEARTBEAT="1", PATH=gate.path)
        video_fid = jobs.store(clip, USER)
        broker.submit(video_fid, USER)
        gate.wait_until_held()
        getattr(link, fault)()
        worker.wait_for_line("Not consuming")
        assert worker.probe() == 503
        link.resume()
        gate.let_through(2)
        worker.wait_for_line("Conversion complete!")
        assert len(jobs.mp3s_of(video_fid)) == 1
        broker.wait_for("mp3", 1)
