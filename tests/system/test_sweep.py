"""The sweeper removes what nobody can reach, and what is older than it is kept; nothing else."""

import secrets
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.support import files, process, tus
from tests.support.files import Mongo, orphans
from tests.support.gateway import own_gateway
from tests.support.stack import Stack
from tests.support.users import User
from tests.support.wait import until

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=40)
TWO_CHUNKS = b"x" * 261_120 * 2  # a chunk is as large as the tutorial shows


def sweep(stack: Stack, **settings: str) -> None:
    process.sweep(stack.env["MONGODB_URI"], **settings)


def chunk(files_id: ObjectId, n: int, written: datetime) -> dict[str, Any]:
    chunk_id = ObjectId(ObjectId.from_datetime(written).binary[:4] + secrets.token_bytes(8))
    return {"_id": chunk_id, "files_id": files_id, "n": n, "data": b"x"}


def store(mongo: Mongo, database: str, username: str, **metadata: Any) -> ObjectId:
    """A file that was stored 40 days ago."""
    of_user = {"username": username} | metadata
    file_id = files.store(mongo[database], [TWO_CHUNKS], "a.mp4", "video/mp4", of_user)
    mongo[database]["fs.files"].update_one({"_id": file_id}, {"$set": {"uploadDate": OLD}})
    return file_id


def count(mongo: Mongo, database: str, file_id: ObjectId) -> tuple[int, int]:
    """How many documents and chunks there are of a file."""
    files = mongo[database]["fs.files"].count_documents({"_id": file_id})
    return files, mongo[database]["fs.chunks"].count_documents({"files_id": file_id})


@pytest.mark.parametrize("database", ["videos", "mp3s"])
def test_chunks_without_a_file_go_once_the_newest_is_old(
    stack: Stack, mongo: Mongo, database: str
) -> None:
    dead, alive = ObjectId(), ObjectId()
    chunks = mongo[database]["fs.chunks"]
    chunks.insert_many([chunk(dead, n, OLD + timedelta(seconds=n)) for n in range(3)])
    chunks.insert_many([chunk(alive, 0, OLD), chunk(alive, 1, NOW)])

    sweep(stack, SWEEP_AGE="3600")

    assert orphans(mongo, database) & {dead, alive} == {alive}
    chunks.delete_many({"files_id": alive})


def test_files_are_kept_for_ever_by_default(stack: Stack, mongo: Mongo, user: User) -> None:
    video = store(mongo, "videos", user.email, state="done")
    mp3 = store(mongo, "mp3s", user.email, video_fid=str(video))
    sweep(stack)
    assert count(mongo, "videos", video) == count(mongo, "mp3s", mp3) == (1, 2)


def test_files_of_age_are_gone_and_say_since_when(stack: Stack, mongo: Mongo, user: User) -> None:
    name, client = user
    video = store(mongo, "videos", name, state="done")
    mp3 = store(mongo, "mp3s", name, video_fid=str(video))

    sweep(stack, VIDEO_RETENTION_DAYS="30", MP3_RETENTION_DAYS="39")

    assert count(mongo, "videos", video) == count(mongo, "mp3s", mp3) == (1, 0)
    text = f"The file was removed on {NOW:%Y-%m-%d}"
    for answer in (client.download(str(mp3)), client.request("GET", f"/jobs/{video}/mp3")):
        assert (answer.status_code, answer.text) == (410, text)
    job = client.request("GET", f"/jobs/{video}").json()
    assert job["video_removed"].startswith(f"{NOW:%Y-%m-%d}")


def test_a_failed_job_whose_video_is_gone_cannot_be_retried(
    stack: Stack, mongo: Mongo, user: User
) -> None:
    video = store(mongo, "videos", user.email, state="failed", error="no audio track")
    sweep(stack, VIDEO_RETENTION_DAYS="30")
    answer = user.client.request("POST", f"/jobs/{video}/retry")
    assert (answer.status_code, answer.text) == (410, f"The video was removed on {NOW:%Y-%m-%d}")


def test_younger_files_and_waiting_videos_stay(stack: Stack, mongo: Mongo, user: User) -> None:
    younger = store(mongo, "videos", user.email, state="done")
    # Just now, so that no gateway takes it for a job that lost its message.
    waiting = store(mongo, "videos", user.email, state="queued", retried=datetime.now(UTC))
    sweep(stack, VIDEO_RETENTION_DAYS="41")
    assert count(mongo, "videos", younger) == (1, 2)
    sweep(stack, VIDEO_RETENTION_DAYS="1")
    assert count(mongo, "videos", younger) == (1, 0)
    assert count(mongo, "videos", waiting) == (1, 2)


def test_a_cancelled_job_that_no_converter_came_to_is_forgotten(
    stack: Stack, mongo: Mongo, user: User
) -> None:
    video = store(mongo, "videos", user.email, state="cancelled")
    mp3 = store(mongo, "mp3s", user.email, video_fid=str(video))
    sweep(stack)
    assert count(mongo, "videos", video) == count(mongo, "mp3s", mp3) == (0, 0)


def test_when_the_last_sweep_ended_is_a_metric(stack: Stack, mongo: Mongo) -> None:
    dead, started = ObjectId(), time.time()
    mongo["videos"]["fs.chunks"].insert_one(chunk(dead, 0, OLD))
    sweep(stack)
    removed = 'video2mp3_last_sweep_removed{what="unfinished videos"}'
    with own_gateway(stack, ANNOUNCE_INTERVAL="0.5") as gateway:
        until(lambda: gateway.metric("video2mp3_last_sweep_timestamp_seconds") >= started, "seen")
        assert gateway.metric(removed) >= 1


def test_a_sweep_without_mongodb_fails() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        process.sweep("mongodb://127.0.0.1:1")


def test_an_unfinished_upload_stays_until_it_expires(
    stack: Stack, mongo: Mongo, user: User
) -> None:
    urls = [tus.begun(user.client, len(TWO_CHUNKS) + 1) for _ in range(2)]
    over, alive = map(tus.id_of, urls)
    for url in urls:
        tus.add(user.client, url, 0, TWO_CHUNKS)
    ended = {"$set": {"expires": NOW - timedelta(seconds=1)}}
    mongo["videos"]["uploads"].update_one({"_id": over}, ended)
    assert user.client.request("HEAD", urls[0], tus.VERSION).status_code == 410

    lost = ObjectId()
    mongo["videos"]["fs.chunks"].insert_one({"files_id": lost, "n": 0, "data": b"x"})

    def is_swept() -> bool:
        sweep(stack, SWEEP_AGE="1")
        return lost not in orphans(mongo)

    until(is_swept, "a chunk that is no older than the upload's is old enough to go")

    assert user.client.request("HEAD", urls[0], tus.VERSION).status_code == 404
    assert orphans(mongo) & {over, alive} == {alive}
    assert tus.offset(user.client, urls[1]) == len(TWO_CHUNKS)
