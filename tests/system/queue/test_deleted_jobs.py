"""A job that its user deletes ends within two seconds, whatever step it is in."""

import time
from pathlib import Path

import pytest
from bson import ObjectId

from servicekit.jobs.jobs import Jobs as Product
from tests.support import ffmpeg, files, media
from tests.support.broker import Broker
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.machine import alive
from tests.support.wait import until
from tests.support.workers import Workers

USER = "deleted@example.com"
LIMIT = 2.0  # seconds from the deletion to the end of ffmpeg
STEPS = {
    "cover": (ffmpeg.COVER, {"cover": 0.5}),
    "loudness": (ffmpeg.LOUDNESS, {"normalize": True}),
    "encode": (ffmpeg.ENCODE, {}),
}


def delete(jobs: Jobs, job: ObjectId) -> float:
    """Delete a job as the gateway does; when that was done."""
    with files.connect(jobs.uri) as mongo:
        Product(mongo).delete(job)
    return time.monotonic()


def check_discarded(broker: Broker, jobs: Jobs, job: ObjectId) -> None:
    """Nothing of the job is left, and nobody hears of it."""
    query = {"_id": job}
    until(lambda: not jobs.videos["fs.files"].count_documents(query), "the record is gone")
    until(lambda: jobs.orphans() == 0, "no chunk is left")
    assert not jobs.mp3s_of(job)
    assert [broker.ready(queue) for queue in ("mp3", "dead")] == [0, 0]


@pytest.mark.parametrize("step", STEPS)
def test_ffmpeg_is_gone_two_seconds_after_its_job_is_deleted(
    step: str,
    broker: Broker,
    workers: Workers,
    jobs: Jobs,
    tmp_path: Path,
    clip: bytes,
) -> None:
    word, options = STEPS[step]
    with Gate(tmp_path, word) as gate:
        worker = workers.converter(PATH=gate.path)
        job = jobs.store(clip, USER, options=options)
        broker.submit(job, USER)
        gate.wait_until_held()
        deleted = delete(jobs, job)
        (held,) = gate.held()
        until(lambda: not alive(held), "ffmpeg is gone")
        assert time.monotonic() - deleted < LIMIT
    worker.wait_for_line("Cancelled by its user")
    check_discarded(broker, jobs, job)
    assert worker.terminate() == 0
    assert broker.ready("video") == 0


def test_a_deleted_file_of_unknown_length_is_not_converted_to_its_end(
    broker: Broker, workers: Workers, jobs: Jobs, tmp_path: Path
) -> None:
    """Sound that is piped has no length in its header, so that no progress is known."""
    worker = workers.converter()
    job = jobs.store(media.piped_sound(tmp_path / "piped.flac", minutes=90).read_bytes(), USER)
    broker.submit(job, USER)
    until(lambda: jobs.record(job)["state"] == "converting", "it is being converted")
    worker.wait_for_line("Converting video to MP3...")
    deleted = delete(jobs, job)
    worker.wait_for_line("Cancelled by its user")
    assert time.monotonic() - deleted < LIMIT + 1  # with the removal of what is left
    check_discarded(broker, jobs, job)


def test_a_job_that_is_deleted_while_its_mp3_is_stored_leaves_no_mp3(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    worker = workers.converter(PATH=gate.path)
    job = jobs.store(clip, USER)
    broker.submit(job, USER)
    gate.wait_until_held()
    gate.let_through(1)
    worker.wait_for_line("Uploading MP3 to MongoDB...")
    delete(jobs, job)
    until(lambda: broker.ready("video") == 0, "the message is settled")
    until(lambda: not jobs.videos["fs.files"].count_documents({"_id": job}), "no record is left")
    until(lambda: jobs.orphans() == 0, "no chunk is left")
    assert not jobs.mp3s_of(job)
