"""A worker outlives hostile files: each is one job, told once, and the job behind them is done."""

from pathlib import Path

from tests.hostile.all import named
from tests.hostile.canaries import Canaries
from tests.hostile.corpus import Lab
from tests.support.broker import Broker
from tests.support.jobs import Jobs
from tests.support.wait import until
from tests.support.workers import Workers

USER = "hostile@example.com"
LIMIT = "5"  # seconds, for a job and for the sound of a file
NAMES = (
    "flac-100h-says-1s",
    "mkv-100000-tags",
    "mkv-packet-packed-to-a-bomb",
    "mkv-tag-in-tag-5000-deep",
    "mov-nested-20000-deep",
    "wav-list-says-4gb",
    "hls-to-file",
    "hls-to-http",
    "random-after-ftyp",
    "mp4-bits-flipped-many",
)


def test_hostile_files_are_told_once_and_the_job_behind_them_is_done(
    broker: Broker, workers: Workers, jobs: Jobs, clip: bytes, tmp_path: Path
) -> None:
    worker = workers.converter(JOB_TIME_LIMIT=LIMIT, MAX_DURATION=LIMIT)
    with Canaries(tmp_path / "canaries") as canaries:
        (tmp_path / "lab").mkdir()
        lab = Lab(tmp_path / "lab", canaries)
        contents = [case.make(lab) for case in named(NAMES)]
        fids = [jobs.store(made, USER) for made in contents if isinstance(made, bytes)]
        assert len(fids) == len(NAMES)
        good = jobs.store(clip, USER)
        for video_fid in [*fids, good]:
            broker.submit(video_fid, USER)
        broker.wait_for("mp3", len(fids) + 1, timeout=120)
        assert canaries.hits() == []
    assert jobs.mp3s_of(good)
    assert {jobs.record(video_fid)["state"] for video_fid in fids} <= {"done", "failed"}
    # A job of the lane may be done before its message comes.
    wanted = len(fids) + 1
    until(lambda: worker.count("Received message") >= wanted, "each message came")
    broker.wait_for("video", 0)
    assert worker.count("Received message") == wanted  # none came a second time
    assert worker.running
    assert worker.count("Waiting for messages...") == 1
    assert broker.ready("dead") == 0
