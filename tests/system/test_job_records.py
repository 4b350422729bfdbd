"""The record of a job: what it shows in each state, and the order in which jobs are listed."""

from collections.abc import Callable
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient
from pymongo.errors import DuplicateKeyError
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from servicekit.gridfs.upload import UploadStream
from servicekit.jobs.by_converter import JobCancelledError
from servicekit.jobs.job import Job
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.options import Options
from servicekit.jobs.queries import Page, Place
from servicekit.jobs.reasons import Failure, Reason
from servicekit.jobs.state import State
from tests.support.files import Mongo
from tests.support.stack import Stack
from tests.support.users import User

Create = Callable[..., Job]


@pytest.fixture
def jobs(mongo: Mongo) -> Jobs:
    return Jobs(mongo)


@pytest.fixture
def create(jobs: Jobs, email: str) -> Create:
    """Makes a queued job of a small video; with `file_id`, of a gateway that chose this id."""

    def make(file_id: ObjectId | None = None, key: str | None = None) -> Job:
        jobs.create_indexes()
        with jobs.open_video() as video:
            video.file_id = file_id or video.file_id
            video.write(b"x")
            return jobs.create(video, "a.mp4", "video/mp4", email, Options(), key)

    return make


def listed(jobs: Jobs, email: str, **page: Any) -> list[ObjectId]:
    return [job.id for job in jobs.page(email, Page(**{"limit": 100} | page))]


def test_a_conversion_that_begins_again_shows_no_old_error(jobs: Jobs, create: Create) -> None:
    job = create()
    jobs.fail(job.id, Failure.of(Reason.NOT_MEDIA))
    assert jobs.take(job.id).failure == Failure.of(Reason.NOT_MEDIA)
    jobs.begin(job.id)
    assert (jobs.take(job.id).state, jobs.take(job.id).failure) == (State.CONVERTING, None)


def test_a_retry_that_cannot_be_queued_shows_the_failure_again(jobs: Jobs, create: Create) -> None:
    job_id = create().id
    jobs.fail(job_id, Failure.of(Reason.NO_AUDIO_TRACK))
    failed = jobs.take(job_id)
    assert jobs.retry(job_id)
    assert (jobs.take(job_id).state, jobs.take(job_id).failure) == (State.QUEUED, None)
    jobs.undo_retry(failed)
    assert jobs.take(job_id) == failed


def test_nothing_is_written_to_a_cancelled_job(jobs: Jobs, create: Create) -> None:
    job_id = create().id
    jobs.delete(job_id)
    for change in (
        lambda: jobs.take(job_id),
        lambda: jobs.begin(job_id),
        lambda: jobs.progress(job_id, 50),
        lambda: jobs.finish(job_id),
        lambda: jobs.fail(job_id, Failure.of(Reason.NOT_MEDIA)),
    ):
        with pytest.raises(JobCancelledError):
            change()
    jobs.discard(job_id)


class Noted(CommandListener):
    """Notes whether each change of a document is acknowledged only when it is journaled."""

    def __init__(self) -> None:
        self.journaled: list[bool] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in ("update", "findAndModify"):
            self.journaled.append(bool(event.command.get("writeConcern", {}).get("j")))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """What was sent is enough."""

    def failed(self, event: CommandFailedEvent) -> None:
        """What was sent is enough."""


def test_a_change_of_a_job_counts_only_when_it_is_journaled(stack: Stack, create: Create) -> None:
    """A message is acknowledged after it: a MongoDB that is killed must not lose the job's end."""
    noted, job = Noted(), create()
    client: Mongo = MongoClient(stack.env["MONGODB_URI"], event_listeners=[noted], tz_aware=True)
    with client:
        jobs = Jobs(client)
        jobs.confirm(job.id)
        jobs.begin(job.id)
        jobs.fail(job.id, Failure.of(Reason.NOT_MEDIA))
        jobs.retry(job.id)
        jobs.finish(job.id)
    assert noted.journaled == [True] * 5


def test_the_second_mp3_of_a_video_is_dropped_for_the_first(
    jobs: Jobs, create: Create, mongo: Mongo
) -> None:
    job = create()
    ids = []
    for sound in (b"first", b"second"):
        with jobs.open_mp3() as mp3:
            mp3.write(sound)
            ids.append(jobs.store_mp3(mp3, job, ()))
    assert ids[0] == ids[1]
    chunks = mongo["mp3s"]["fs.chunks"]
    assert chunks.find_one({"files_id": mp3.file_id}) is None


def test_an_upload_with_a_known_key_is_the_first_ones_job(jobs: Jobs, create: Create) -> None:
    assert create(key="k") == create(key="k")


def test_a_unique_index_still_refuses_what_no_key_explains(mongo: Mongo, create: Create) -> None:
    job = create()
    with pytest.raises(DuplicateKeyError), UploadStream(mongo["videos"]) as video:
        mongo["videos"]["fs.files"].update_one(
            {"_id": job.id}, {"$set": {"metadata.idempotency_key": "taken"}}
        )
        metadata = {"username": job.username, "idempotency_key": "taken"}
        video.finish("b.mp4", "video/mp4", metadata)


def test_jobs_are_in_the_order_of_their_uploads_whichever_gateway_took_them(
    jobs: Jobs, create: Create, email: str
) -> None:
    """Within a second the ids of two gateways are in no order: here they fall while jobs come."""
    ids = sorted((ObjectId() for _ in range(6)), reverse=True)
    for file_id in ids:
        create(file_id)
    assert listed(jobs, email) == ids[::-1]


def test_paging_neither_skips_nor_repeats_while_jobs_come_and_go(
    user: User, jobs: Jobs, mongo: Mongo
) -> None:
    email, client = user

    def upload() -> str:
        with jobs.open_video() as video:
            return str(jobs.create(video, "a.mp4", "video/mp4", email, Options()).id)

    there = [upload() for _ in range(7)]
    seen, page = [], "/jobs?limit=2"
    while page:
        answer = client.request("GET", page).json()
        seen += [job["id"] for job in answer["jobs"]]
        page = answer["next"]
        upload()  # goes before all that is listed
        jobs.discard(ObjectId(seen[-1]))  # the job that the next page's link names
    assert seen == there[::-1]


def test_a_page_may_also_begin_behind_a_jobs_plain_id(
    jobs: Jobs, create: Create, email: str
) -> None:
    first, second, third = (create().id for _ in range(3))
    assert listed(jobs, email, before=Place(third)) == [second, first]
    assert listed(jobs, email, before=Place(first)) == []


def test_the_api_shows_the_code_of_a_failure_beside_its_text(user: User, jobs: Jobs) -> None:
    email, client = user
    with jobs.open_video() as video:
        job = jobs.create(video, "a.mp4", "video/mp4", email, Options())
    jobs.fail(job.id, Failure.of(Reason.NO_AUDIO_TRACK))
    shown = client.request("GET", f"/jobs/{job.id}").json()
    assert (shown["error"], shown["error_code"]) == ("no audio track", "no_audio_track")
