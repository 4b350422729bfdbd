"""GET /jobs/<id>?wait=N answers at the next change of the job, or after N seconds."""

import threading

from tests.support.files import Mongo, store_video
from tests.support.users import User


def test_a_long_poll_answers_at_the_next_change(user: User, mongo: Mongo) -> None:
    job_id = store_video(mongo, user.email, state="converting", progress=10)
    change = {"$set": {"metadata.progress": 55.5}}
    files = mongo["videos"]["fs.files"]
    threading.Timer(1, files.update_one, [{"_id": job_id}, change]).start()
    answer = user.client.request("GET", f"/jobs/{job_id}?wait=30")
    assert answer.json()["percent"] == 55.5
    assert 0.5 < answer.elapsed.total_seconds() < 10


def test_a_long_poll_misses_no_change_between_two_calls(user: User, mongo: Mongo) -> None:
    job_id = store_video(mongo, user.email, state="converting", progress=10)
    etag = user.client.request("GET", f"/jobs/{job_id}").headers["ETag"]
    update = {"$set": {"metadata.progress": 20}}
    mongo["videos"]["fs.files"].update_one({"_id": job_id}, update)
    answer = user.client.request("GET", f"/jobs/{job_id}?wait=30", {"If-None-Match": etag})
    assert answer.json()["percent"] == 20
    assert answer.elapsed.total_seconds() < 10


def test_a_long_poll_without_a_change_ends_after_the_wait(user: User, mongo: Mongo) -> None:
    job_id = store_video(mongo, user.email, state="queued")
    etag = user.client.request("GET", f"/jobs/{job_id}").headers["ETag"]
    answer = user.client.request("GET", f"/jobs/{job_id}?wait=1", {"If-None-Match": etag})
    assert answer.status_code == 304


def test_a_finished_job_keeps_no_long_poll_waiting(user: User, mongo: Mongo) -> None:
    job_id = store_video(mongo, user.email, state="done")
    answer = user.client.request("GET", f"/jobs/{job_id}?wait=60")
    assert answer.json()["state"] == "done"
    assert answer.elapsed.total_seconds() < 10
