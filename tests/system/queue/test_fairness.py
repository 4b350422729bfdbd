"""Nobody waits behind another user's many or long jobs, and nothing is done twice for that."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from bson import ObjectId

from servicekit.jobs.jobs import Jobs as Product
from tests.support import ffmpeg, files
from tests.support.broker import Broker
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.process import Process
from tests.support.wait import until
from tests.support.workers import Workers

GREEDY, OTHER = "greedy@example.com", "other@example.com"
MANY = 1000  # jobs of the greedy user
LIMIT = 30  # seconds for the other user's file
AHEAD = "Converting ahead of its turn"


@pytest.fixture
def cover_gate(tmp_path: Path) -> Iterator[Gate]:
    """Holds the jobs that want a cover, and lets all others pass."""
    with Gate(tmp_path, ffmpeg.COVER) as gate:
        yield gate


@pytest.fixture
def product(jobs: Jobs) -> Iterator[Product]:
    """The jobs as the gateway sees them."""
    with files.connect(jobs.uri) as mongo:
        product = Product(mongo)
        product.create_indexes()
        yield product


def ended(jobs: Jobs, job: ObjectId) -> bool:
    return jobs.record(job)["state"] in ("done", "failed")


def two_held(broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes) -> Process:
    """A worker with a job of each user at the gate: one by its message, one ahead of its turn."""
    worker = workers.converter(PATH=gate.path, SHUTDOWN_GRACE="0.5")
    broker.submit(jobs.store(clip, GREEDY), GREEDY)
    gate.wait_until_held()
    broker.submit(jobs.store_waiting(clip, OTHER), OTHER)
    worker.wait_for_line(AHEAD)
    gate.wait_until_held(2)
    return worker


def other_job(jobs: Jobs) -> ObjectId:
    (document,) = jobs.videos["fs.files"].find(
        {"metadata.username": OTHER, "metadata.state": {"$in": ["queued", "converting"]}}
    )
    job: ObjectId = document["_id"]
    return job


def test_a_file_is_done_within_30_s_behind_a_thousand_jobs_of_another_user(
    broker: Broker, workers: Workers, jobs: Jobs, product: Product, tmp_path: Path, clip: bytes
) -> None:
    with ThreadPoolExecutor(8) as pool:
        many = list(pool.map(lambda _: jobs.store(clip, GREEDY), range(MANY)))
        list(pool.map(lambda job: broker.submit(job, GREEDY), many))
        program = ffmpeg.slow(tmp_path, 1)
        four = [workers.converter(PATH=program) for _ in range(4)]
        until(lambda: all(worker.count("Received message") for worker in four), "all are busy")
        mine, started = jobs.store(clip, OTHER), time.monotonic()
        broker.submit(mine, OTHER)
        until(lambda: ended(jobs, mine), "the other user's file is done", LIMIT)
        seconds = time.monotonic() - started
        assert broker.ready("video") > MANY / 2  # its own message is still behind these
        list(pool.map(product.delete, many))
    started = time.monotonic()
    all_of_many = {"_id": {"$in": many}}
    until(lambda: not jobs.videos["fs.files"].count_documents(all_of_many), "all are gone", LIMIT)
    print(f"done after {seconds:.1f} s; drained in {time.monotonic() - started:.1f} s")  # noqa: T201
    until(lambda: broker.queue("video").get("messages") == 0, "the queue is empty")

    mails = Counter(message.video_fid for message in broker.take("mp3"))
    assert set(mails.values()) == {1}
    assert mails[mine] == 1
    assert broker.ready("dead") == 0


def test_a_file_does_not_wait_for_long_conversions_of_another_user(
    broker: Broker, workers: Workers, jobs: Jobs, cover_gate: Gate, clip: bytes
) -> None:
    for _ in range(4):
        workers.converter(PATH=cover_gate.path)
    long = [jobs.store(clip, GREEDY, options={"cover": 0.5}) for _ in range(6)]
    for job in long:
        broker.submit(job, GREEDY)
    cover_gate.wait_until_held(4)
    mine = jobs.store_waiting(clip, OTHER)
    broker.submit(mine, OTHER)
    until(lambda: ended(jobs, mine), "the other user's file is done", LIMIT)
    cover_gate.let_through(len(long))
    broker.wait_for("mp3", len(long) + 1)
    until(lambda: broker.queue("video").get("messages") == 0, "the queue is empty")
    mails = Counter(message.video_fid for message in broker.take("mp3"))
    assert mails == Counter([*long, mine])
    assert broker.ready("dead") == 0


def test_users_of_whom_a_conversion_is_under_way_wait_for_their_turn(
    broker: Broker, workers: Workers, jobs: Jobs, cover_gate: Gate, clip: bytes
) -> None:
    worker = workers.converter(PATH=cover_gate.path)
    broker.submit(jobs.store(clip, GREEDY, options={"cover": 0.5}), GREEDY)
    cover_gate.wait_until_held()
    waiting = jobs.store_waiting(clip, GREEDY)
    broker.submit(waiting, GREEDY)
    mine = jobs.store_waiting(clip, OTHER)
    until(lambda: ended(jobs, mine), "the lane is open, for others")
    assert jobs.record(waiting)["state"] == "queued"
    assert worker.count(AHEAD) == 1


def test_a_message_whose_job_the_lane_has_waits_for_it(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    two_held(broker, workers, jobs, gate, clip)
    second = workers.converter(PATH=gate.path)
    second.wait_for_line("Received message")
    gate.let_through(2)
    second.wait_for_line("Done ahead of its turn")
    assert len(gate.held()) == 2
    until(lambda: broker.queue("video").get("messages") == 0, "the queue is empty")
    assert set(Counter(message.video_fid for message in broker.take("mp3")).values()) == {1}
    assert second.count("Converting video to MP3...") == 0


def test_a_worker_killed_with_a_job_in_its_lane_loses_neither(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    two_held(broker, workers, jobs, gate, clip).kill()
    workers.converter(PATH=gate.path)
    gate.let_through(2)
    broker.wait_for("mp3", 2, timeout=60)
    until(lambda: broker.queue("video").get("messages") == 0, "the queue is empty")
    mails = Counter(message.username for message in broker.take("mp3"))
    assert mails == {GREEDY: 1, OTHER: 1}


def test_a_worker_that_ends_leaves_the_job_of_its_lane_as_it_was(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    worker = two_held(broker, workers, jobs, gate, clip)
    job = other_job(jobs)
    assert worker.terminate() == 0
    record = jobs.record(job)
    assert (record["state"], record["progress"], "ahead" in record) == ("queued", 0, False)
    assert job in [message.video_fid for message in broker.take("video")]
    assert list(workers.work_dir.glob("*/*")) == []


def test_a_job_deleted_in_the_lane_is_broken_off_and_discarded_at_its_turn(
    broker: Broker, workers: Workers, jobs: Jobs, product: Product, gate: Gate, clip: bytes
) -> None:
    worker = two_held(broker, workers, jobs, gate, clip)
    deleted = other_job(jobs)
    product.delete(deleted)
    worker.wait_for_line("Left to its message", timeout=3)
    gate.let_through(1)
    worker.wait_for_line("Cancelled by its user")
    until(lambda: not jobs.videos["fs.files"].count_documents({"_id": deleted}), "it is gone")
    assert [message.username for message in broker.take("mp3")] == [GREEDY]
    assert broker.ready("dead") == 0


def test_a_job_deleted_between_the_lane_and_its_turn_is_discarded_then(
    broker: Broker, workers: Workers, jobs: Jobs, product: Product, cover_gate: Gate, clip: bytes
) -> None:
    worker = workers.converter(PATH=cover_gate.path)
    broker.submit(jobs.store(clip, GREEDY, options={"cover": 0.5}), GREEDY)
    cover_gate.wait_until_held()
    mine = jobs.store_waiting(clip, OTHER)
    broker.submit(mine, OTHER)
    until(lambda: jobs.record(mine).get("spent"), "it is done ahead of its turn")
    product.delete(mine)
    assert not jobs.mp3s_of(mine)
    cover_gate.let_through(1)
    worker.wait_for_line("Cancelled by its user")
    until(lambda: not jobs.videos["fs.files"].count_documents({"_id": mine}), "nothing is left")
    assert broker.ready("dead") == 0


def test_a_failure_in_the_lane_is_left_to_the_message_and_never_repeated_there(
    broker: Broker, workers: Workers, jobs: Jobs, tmp_path: Path, clip: bytes
) -> None:
    """The worker's own ffmpeg waits at the cover; the lane's is killed as it encodes."""
    with Gate(tmp_path, ffmpeg.COVER) as gate:
        script = tmp_path / "perl"
        killed = 'case " $* " in *" -progress "*) kill -9 $$; esac'
        script.write_text(script.read_text().replace("exec /usr", f"{killed}\nexec /usr"))
        worker = workers.converter(PATH=gate.path)
        broker.submit(jobs.store(clip, GREEDY, options={"cover": 0.5}), GREEDY)
        gate.wait_until_held()
        mine = jobs.store_waiting(clip, OTHER)
        worker.wait_for_line("The express lane failed")
        until(lambda: jobs.record(mine)["state"] == "queued", "it waits for its message")
        later = jobs.store_waiting(b"no video", OTHER)
        until(lambda: ended(jobs, later), "the lane goes on with other jobs")
        assert worker.count(AHEAD) == 2
        assert jobs.record(mine)["ahead"] is False
