"""ffmpeg reads a video out of MongoDB: never a copy on disk, never a hole, never a half."""

from pathlib import Path

from tests.support.broker import Broker
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.relay import MONGO_FIND_CHUNKS, RelayTo
from tests.support.workers import Workers

USER = "source@example.com"


def test_a_video_is_never_on_disk(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    workers.converter(PATH=gate.path)
    broker.submit(jobs.store(clip, USER), USER)
    gate.wait_until_held()
    assert sum(map(_size, workers.work_dir.rglob("*"))) == 0
    gate.let_through(1)
    broker.wait_for("mp3", 1)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def test_mongodb_gone_in_the_middle_of_a_video_is_waited_for(
    broker: Broker, workers: Workers, jobs: Jobs, relay_to: RelayTo, clip: bytes
) -> None:
    link = relay_to(jobs.uri)
    worker = workers.converter(MONGODB_URI=link.url, MONGODB_TIMEOUT="1")
    link.cut_after(MONGO_FIND_CHUNKS)
    video_fid = jobs.store(clip, USER)
    broker.submit(video_fid, USER)
    worker.wait_for_line("Waiting for a dependency: MongoDB")
    assert link.triggered.is_set()
    link.resume()
    broker.wait_for("mp3", 1)
    (told,) = broker.take("mp3")
    assert (told.video_fid, told.error) == (video_fid, None)
    assert worker.count("Attempt 1 failed") == 0


def test_a_video_with_a_hole_is_told_as_cut_off(
    broker: Broker, workers: Workers, jobs: Jobs, clip: bytes
) -> None:
    video_fid = jobs.store(clip, USER)
    jobs.videos["fs.chunks"].delete_one({"files_id": video_fid, "n": 0})
    workers.converter()
    broker.submit(video_fid, USER)
    broker.wait_for("mp3", 1)
    (told,) = broker.take("mp3")
    assert (told.video_fid, told.error) == (video_fid, "the file is cut off")
