"""Which job an express lane takes, and what its changes are worth, on a real MongoDB."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from bson import ObjectId

from servicekit.jobs.ahead import JobsAhead
from servicekit.jobs.by_converter import JobCancelledError
from servicekit.jobs.jobs import Jobs
from tests.support import files
from tests.support.files import Mongo
from tests.support.jobs import Jobs as Stored
from tests.support.mongod import Mongod
from tests.support.users import unused_email


@pytest.fixture
def stored(own_mongod: Mongod) -> Iterator[Stored]:
    """Makes jobs; no other waits."""
    with Stored(own_mongod.uri) as stored:
        stored.forget_waiting()
        yield stored


@pytest.fixture
def mongo(own_mongod: Mongod) -> Iterator[Mongo]:
    with files.connect(own_mongod.uri) as client:
        yield client


@pytest.fixture
def lane(mongo: Mongo) -> JobsAhead:
    return JobsAhead(mongo)


@pytest.fixture
def jobs(mongo: Mongo) -> Jobs:
    return Jobs(mongo)


def claimed(lane: JobsAhead) -> ObjectId | None:
    job = lane.claim()
    return job.id if job else None


def test_who_has_waited_longest_comes_first_and_each_user_once(
    stored: Stored, lane: JobsAhead
) -> None:
    ann, bob = unused_email(), unused_email()
    first, _, third = [stored.store_waiting(b"x", user) for user in (ann, ann, bob)]
    assert [claimed(lane) for _ in range(3)] == [first, third, None]


def test_a_job_that_was_just_queued_or_retried_is_left_to_its_message(
    stored: Stored, lane: JobsAhead, jobs: Jobs, email: str
) -> None:
    stored.store(b"x", email)
    assert jobs.retry(stored.store_waiting(b"x", email, state="failed"))
    assert claimed(lane) is None


def test_a_job_of_nobody_is_left_to_its_message(stored: Stored, lane: JobsAhead) -> None:
    stored.store_waiting(b"x", "")
    assert claimed(lane) is None


def test_a_lane_that_has_lost_its_job_changes_it_no_more(
    stored: Stored, lane: JobsAhead, jobs: Jobs, email: str
) -> None:
    job = stored.store_waiting(b"x", email)
    assert claimed(lane) == job
    lane.progress(job, 50)
    jobs.begin(job)
    with pytest.raises(JobCancelledError):
        lane.progress(job, 60)
    with pytest.raises(JobCancelledError):
        lane.finish(job)
    lane.put_back(job, again=True)
    lane.spend_message(job)
    assert (stored.record(job)["state"], stored.record(job)["progress"]) == ("converting", 0)
    assert not jobs.consume_spent(job)


def test_a_message_is_spent_once(stored: Stored, lane: JobsAhead, jobs: Jobs, email: str) -> None:
    job = stored.store_waiting(b"x", email)
    claimed(lane)
    assert jobs.is_ahead(job)
    lane.finish(job)
    lane.spend_message(job)
    assert not jobs.is_ahead(job)
    assert [jobs.consume_spent(job) for _ in range(2)] == [True, False]


def test_a_lane_without_a_sign_of_life_has_no_job(
    stored: Stored, lane: JobsAhead, jobs: Jobs, email: str
) -> None:
    job = stored.store_waiting(b"x", email)
    claimed(lane)
    long_ago = {"$set": {"metadata.seen": job.generation_time - timedelta(minutes=1)}}
    stored.videos["fs.files"].update_one({"_id": job}, long_ago)
    assert not jobs.is_ahead(job)


def test_a_job_that_is_put_back_may_be_taken_again_unless_the_lane_failed_at_it(
    stored: Stored, lane: JobsAhead, email: str
) -> None:
    job = stored.store_waiting(b"x", email)
    claimed(lane)
    lane.put_back(job, again=True)
    assert claimed(lane) == job
    lane.put_back(job, again=False)
    assert claimed(lane) is None
    assert stored.record(job)["state"] == "queued"
