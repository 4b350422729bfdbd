"""kill -9 of a converter at any moment of a job: another finishes the job, once."""

import pytest
from bson import ObjectId

from tests.support import relay as at
from tests.support.broker import Broker
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.relay import RelayTo
from tests.support.smtp import SmtpServer
from tests.support.wait import until
from tests.support.workers import Workers

USER = "killed@example.com"
# A converter whose link is stalled must not give up before it is killed: seconds.
LONG_TIMEOUTS = {"MONGODB_TIMEOUT": "60", "RABBITMQ_PUBLISH_TIMEOUT": "60"}


def check_done_once(
    video_fid: ObjectId, broker: Broker, workers: Workers, jobs: Jobs, smtp: SmtpServer
) -> None:
    """Another worker finishes the job: one whole MP3, and mails with one Message-ID."""
    workers.converter()
    until(lambda: jobs.record(video_fid).get("told"), "the job's end is told", 30)
    (mp3_fid,) = jobs.mp3s_of(video_fid)
    assert jobs.mp3_size(mp3_fid) > 0
    assert jobs.record(video_fid)["state"] == "done"
    workers.notifier(smtp)
    until(lambda: broker.ready("video") == broker.ready("mp3") == 0, "empty queues")
    ids = {mail.message["Message-ID"] for mail in smtp.wait_for_mails(1)}
    assert ids == {f"<{mp3_fid}@example.com>"}
    assert list(workers.work_dir.glob("*/*")) == []


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(at.MONGO_FIND_CHUNKS, id="fetching"),
        pytest.param(at.MONGO_INSERT_CHUNKS, id="storing chunks"),
        pytest.param(at.MONGO_INSERT_FILE, id="storing the file"),
    ],
)
def test_a_converter_killed_at_its_storage_is_replaced(
    pattern: bytes,
    broker: Broker,
    workers: Workers,
    jobs: Jobs,
    smtp: SmtpServer,
    relay_to: RelayTo,
    clip: bytes,
) -> None:
    link = relay_to(jobs.uri)
    link.stall_before(pattern)
    doomed = workers.converter(MONGODB_URI=link.url, **LONG_TIMEOUTS)
    video_fid = jobs.store(clip, USER)
    broker.submit(video_fid, USER)
    assert link.triggered.wait(20), doomed.log
    doomed.kill()
    check_done_once(video_fid, broker, workers, jobs, smtp)
    until(jobs.swept, "no chunk without a file")


def test_a_converter_killed_during_ffmpeg_is_replaced(
    broker: Broker, workers: Workers, jobs: Jobs, smtp: SmtpServer, gate: Gate, clip: bytes
) -> None:
    doomed = workers.converter(PATH=gate.path)
    video_fid = jobs.store(clip, USER)
    broker.submit(video_fid, USER)
    gate.wait_until_held()
    doomed.kill()
    check_done_once(video_fid, broker, workers, jobs, smtp)


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(b'"mp3_fid"', id="publishing"),
        pytest.param(at.AMQP_ACK, id="acknowledging"),
    ],
)
def test_a_converter_killed_after_the_store_is_replaced(
    pattern: bytes,
    broker: Broker,
    workers: Workers,
    jobs: Jobs,
    smtp: SmtpServer,
    relay_to: RelayTo,
    clip: bytes,
) -> None:
    link = relay_to(broker.url("converter"))
    link.stall_before(pattern)
    doomed = workers.converter(RABBITMQ_URL=link.url, **LONG_TIMEOUTS)
    video_fid = jobs.store(clip, USER)
    broker.submit(video_fid, USER)
    assert link.triggered.wait(20), doomed.log
    assert len(jobs.mp3s_of(video_fid)) == 1
    doomed.kill()
    check_done_once(video_fid, broker, workers, jobs, smtp)
