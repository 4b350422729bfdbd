"""A job runs once, also when it is long or delivered twice; past its time limit it is killed."""

from collections import Counter
from pathlib import Path

from tests.support import ffmpeg
from tests.support.broker import Broker
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.wait import until
from tests.support.workers import Workers

USER = "jobs@example.com"


def test_a_job_longer_than_five_heartbeats_runs_once(
    broker: Broker, workers: Workers, jobs: Jobs, tmp_path: Path, clip: bytes
) -> None:
    program = ffmpeg.slow(tmp_path, 10)
    pair = [workers.converter(PATH=program, RABBITMQ_HEARTBEAT="2") for _ in range(2)]
    video_fid = jobs.store(clip, USER)
    broker.submit(video_fid, USER)
    until(lambda: any(worker.count("Conversion complete!") for worker in pair), "the end", 30)
    received = sum(worker.count("Received message") for worker in pair)
    lost = sum(worker.count("Not consuming") for worker in pair)
    assert (received, lost) == (1, 0)
    assert len(broker.take("mp3")) == 1
    assert all(worker.terminate() == 0 for worker in pair)
    assert broker.ready("video") == 0


def test_a_worker_stays_live_and_ready_during_a_long_job(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    worker = workers.converter(PATH=gate.path)
    broker.submit(jobs.store(clip, USER), USER)
    gate.wait_until_held()
    assert (worker.probe("/livez"), worker.probe("/readyz")) == (200, 200)


def test_a_job_past_its_time_limit_is_killed_and_told_once(
    broker: Broker, workers: Workers, jobs: Jobs, tmp_path: Path, clip: bytes
) -> None:
    program = ffmpeg.with_child(tmp_path)
    worker = workers.converter(PATH=program, JOB_TIME_LIMIT="3")
    video_fid = jobs.store(clip, USER)
    broker.submit(video_fid, USER)
    broker.wait_for("mp3", 1)
    (told,) = broker.take("mp3")
    text = "the conversion took longer than 0.05 minutes"
    assert (told.video_fid, told.error) == (video_fid, text)
    record = jobs.record(video_fid)
    assert (record["state"], record["error_code"]) == ("failed", "time_limit")
    until(lambda: ffmpeg.children_left(tmp_path) == 0, "no child is left")
    assert list(workers.work_dir.glob("*/*")) == []
    assert worker.terminate() == 0
    assert [broker.ready(queue) for queue in ("video", "mp3", "dead")] == [0, 0, 0]
    assert worker.count("Received message") == 1


def test_a_job_that_fails_again_and_again_is_given_up_and_told(
    broker: Broker, workers: Workers, jobs: Jobs, tmp_path: Path, clip: bytes
) -> None:
    """The policy's limit of 5 makes six deliveries; at the last one the worker converts no more."""
    worker = workers.converter(PATH=ffmpeg.broken(tmp_path))
    video_fid = jobs.store(clip, USER)
    broker.submit(video_fid, USER)
    broker.wait_for("dead", 1, timeout=60)
    assert [worker.count(f"Attempt {n} failed") for n in range(1, 7)] == [1, 1, 1, 1, 1, 0]
    (told,) = broker.take("mp3")
    assert (told.video_fid, told.error) == (video_fid, "the conversion failed repeatedly")
    assert jobs.record(video_fid)["state"] == "failed"
    assert worker.running


def test_a_message_delivered_twice_at_once_makes_one_mp3(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    pair = [workers.converter(PATH=gate.path) for _ in range(2)]
    video_fid = jobs.store(clip, USER)
    for _ in pair:
        broker.submit(video_fid, USER)
    gate.wait_until_held(2)
    gate.let_through(2)
    for worker in pair:
        worker.wait_for_line("Conversion complete!")
    (mp3_fid,) = jobs.mp3s_of(video_fid)
    assert [message.mp3_fid for message in broker.take("mp3")] == [mp3_fid, mp3_fid]
    assert jobs.mp3s["fs.chunks"].distinct("files_id", {"files_id": mp3_fid}) == [mp3_fid]
    until(lambda: jobs.orphans() == 0, "no chunk of the loser's")


def test_a_message_delivered_again_later_changes_nothing(
    broker: Broker, workers: Workers, jobs: Jobs, clip: bytes
) -> None:
    worker = workers.converter()
    video_fid = jobs.store(clip, USER)
    for _ in range(2):
        broker.submit(video_fid, USER)
    worker.wait_for_line("Received message", count=2)
    assert worker.terminate() == 0
    assert broker.ready("video") == 0
    (mp3_fid,) = jobs.mp3s_of(video_fid)
    assert [message.mp3_fid for message in broker.take("mp3")] == [mp3_fid]
    assert worker.count("Converting video to MP3...") == 1


def test_four_workers_share_a_backlog_evenly(
    broker: Broker, workers: Workers, jobs: Jobs, tmp_path: Path, clip: bytes
) -> None:
    program = ffmpeg.slow(tmp_path, 0.5)
    four = [workers.converter(PATH=program) for _ in range(4)]
    for video_fid in [jobs.store(clip, USER) for _ in range(40)]:
        broker.submit(video_fid, USER)
    broker.wait_for("mp3", 40, timeout=120)
    shares = Counter({worker.pid: worker.count("Received message") for worker in four})
    assert shares.total() == 40
    assert max(shares.values()) <= 14, shares
