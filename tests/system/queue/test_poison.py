"""A bad message is dead-lettered once or told to its user, and the job behind it is done."""

import json
from pathlib import Path

import pytest

from tests.support import ffmpeg
from tests.support.broker import Broker
from tests.support.jobs import Jobs
from tests.support.smtp import SmtpServer
from tests.support.wait import until
from tests.support.workers import Workers

USER = "poison@example.com"
UNKNOWN = "507f1f77bcf86cd799439011"  # the tutorial's own test message

UNREADABLE = {
    "no JSON": b"\xff\x00 no JSON",
    "no object": b"[1, 2]",
    "nothing": b"",
    "deep nesting": b"[" * 100_000,
    "no video_fid": json.dumps({"mp3_fid": None, "username": USER}).encode(),
    "no username": json.dumps({"video_fid": UNKNOWN, "mp3_fid": None}).encode(),
    "a malformed id": json.dumps({"video_fid": "../etc", "username": USER}).encode(),
    "an id that is a number": json.dumps({"video_fid": 42, "username": USER}).encode(),
    "an unknown id": json.dumps({"video_fid": UNKNOWN, "mp3_fid": None, "username": USER}).encode(),
}


def test_unreadable_messages_are_dead_lettered_once_and_the_good_job_is_done(
    broker: Broker, workers: Workers, jobs: Jobs, clip: bytes
) -> None:
    worker = workers.converter()
    for body in UNREADABLE.values():
        broker.publish("video", body)
    good = jobs.store(clip, USER)
    broker.submit(good, USER)
    worker.wait_for_line("Conversion complete!")
    until(lambda: broker.ready("dead") == len(UNREADABLE), "all dead")
    assert sorted(broker.dead()) == sorted(UNREADABLE.values())
    assert [message.video_fid for message in broker.take("mp3")] == [good]
    assert worker.running
    assert worker.count("Waiting for messages...") == 1


@pytest.fixture
def bad_files(clip: bytes, silent_clip: bytes) -> dict[str, bytes]:
    """A bad upload for each reason that a user is told."""
    return {
        "not a media file": b"This is no video.\n" * 1000,
        "no audio track": silent_clip,
        "the file is cut off": clip[: len(clip) // 2],
        "the file is empty": b"",
    }


def test_bad_files_are_told_once_and_the_good_job_is_done(
    broker: Broker, workers: Workers, jobs: Jobs, clip: bytes, bad_files: dict[str, bytes]
) -> None:
    worker = workers.converter()
    fids = {jobs.store(content, USER): reason for reason, content in bad_files.items()}
    good = jobs.store(clip, USER)
    for video_fid in [*fids, good]:
        broker.submit(video_fid, USER)
    worker.wait_for_line("Conversion complete!")
    told = {message.video_fid: message.error for message in broker.take("mp3")}
    assert told == {**fids, good: None}
    for video_fid, reason in fids.items():
        record = jobs.record(video_fid)
        assert (record["state"], record["error"]) == ("failed", reason)
        assert jobs.mp3s_of(video_fid) == []
    assert worker.running
    assert worker.count("Waiting for messages...") == 1
    assert worker.terminate() == 0
    assert (broker.ready("video"), broker.ready("dead")) == (0, 0)


def test_a_user_whose_conversion_failed_gets_the_reason_by_mail(
    broker: Broker, workers: Workers, jobs: Jobs, smtp: SmtpServer, silent_clip: bytes
) -> None:
    workers.converter()
    workers.notifier(smtp)
    video_fid = jobs.store(silent_clip, USER)
    broker.submit(video_fid, USER)
    (mail,) = smtp.wait_for_mails(1)
    assert mail.recipients == (USER,)
    assert mail.message["Subject"] == "MP3 conversion failed"
    assert "no audio track" in mail.message.get_content()
    assert str(video_fid) in mail.message.get_content()


def test_a_failure_is_told_to_the_owner_of_the_video_not_to_whom_the_message_names(
    broker: Broker, workers: Workers, jobs: Jobs, silent_clip: bytes
) -> None:
    workers.converter()
    broker.submit(jobs.store(silent_clip, USER), "someone.else@example.com")
    broker.wait_for("mp3", 1)
    assert [message.username for message in broker.take("mp3")] == [USER]


def kill_until_dead(broker: Broker, workers: Workers, program: str, **settings: str) -> int:
    """Start a new worker whenever the message has killed one; how many it killed."""
    killed = 0
    while broker.ready("dead") == 0:
        worker = workers.converter(PATH=program, **settings)
        until(lambda worker=worker: not worker.running or broker.ready("dead"), "a verdict")  # type: ignore[misc]
        killed += not worker.running
    return killed


def test_a_message_that_kills_its_worker_ends_in_the_dead_queue_and_is_told(
    broker: Broker, workers: Workers, jobs: Jobs, tmp_path: Path, clip: bytes
) -> None:
    video_fid = jobs.store(clip, USER)
    broker.submit(video_fid, USER)
    assert kill_until_dead(broker, workers, str(ffmpeg.deadly(tmp_path))) == 5
    assert len(broker.dead()) == 1
    (told,) = broker.take("mp3")
    assert (told.video_fid, told.username) == (video_fid, USER)
    assert told.error
    assert jobs.record(video_fid)["state"] == "failed"


def test_the_brokers_own_limit_ends_what_no_worker_survives(
    broker: Broker, workers: Workers, jobs: Jobs, tmp_path: Path, clip: bytes
) -> None:
    """With DELIVERY_LIMIT above the policy's, no worker gives the message up itself."""
    broker.submit(jobs.store(clip, USER), USER)
    program = str(ffmpeg.deadly(tmp_path))
    assert kill_until_dead(broker, workers, program, DELIVERY_LIMIT="100") == 6
    assert (broker.ready("video"), len(broker.dead())) == (0, 1)
