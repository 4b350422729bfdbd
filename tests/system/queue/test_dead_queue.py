"""Dead messages can be listed, requeued and purged, one command each."""

from pathlib import Path

import pytest

from tests.support import ffmpeg, tools
from tests.support.broker import Broker
from tests.support.jobs import Jobs
from tests.support.stack import Stack
from tests.support.workers import Workers

USER = "dead@example.com"


@pytest.fixture
def poisoned(broker: Broker, workers: Workers) -> Broker:
    """A broker with two dead messages, and no worker."""
    worker = workers.converter()
    for body in ("first poison", "second poison"):
        broker.publish("video", body)
    broker.wait_for("dead", 2)
    worker.terminate()
    return broker


def test_the_dead_messages_can_be_looked_at_again_and_again(poisoned: Broker) -> None:
    for _ in range(7):  # more often than any delivery limit
        shown = tools.run(poisoned, "dead", "list")
        assert shown.startswith("2 in the dead queue")
        assert "first poison" in shown
        assert "second poison" in shown


def test_the_dead_messages_can_be_purged(poisoned: Broker) -> None:
    assert tools.run(poisoned, "dead", "purge") == "2 purged\n"
    assert poisoned.ready("dead") == 0


def test_a_requeued_message_is_handled_like_a_new_one(
    broker: Broker, workers: Workers, jobs: Jobs, tmp_path: Path, clip: bytes
) -> None:
    """A job that failed repeatedly is done once its cause is gone."""
    video_fid = jobs.store(clip, USER)
    broken = workers.converter(PATH=ffmpeg.broken(tmp_path))
    broker.submit(video_fid, USER)
    broker.wait_for("dead", 1)
    broken.terminate()
    broker.take("mp3")
    assert tools.run(broker, "dead", "requeue") == "1 requeued\n"
    workers.converter().wait_for_line("Conversion complete!")
    (told,) = broker.take("mp3")
    assert [told.mp3_fid] == jobs.mp3s_of(video_fid)
    assert jobs.record(video_fid)["state"] == "done"
    assert (broker.ready("video"), broker.ready("dead")) == (0, 0)


@pytest.mark.usefixtures("local_broker")
def test_the_local_stack_has_a_command_for_it(stack: Stack) -> None:
    assert "in the dead queue" in stack.ctl("dead", "list")
