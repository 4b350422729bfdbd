"""A user's jobs: listed, followed, cancelled, retried, and seen by nobody else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from bson import ObjectId

from tests.support import media
from tests.support.client import Client
from tests.support.files import Mongo, store_done, store_mp3, store_video, videos_of
from tests.support.mailbox import Mailbox
from tests.support.multipart import form, part
from tests.support.users import NewUser, User
from tests.support.wait import until


def job_of(client: Client, job_id: object, query: str = "") -> dict[str, Any]:
    answer = client.request("GET", f"/jobs/{job_id}{query}")
    answer.raise_for_status()
    job: dict[str, Any] = answer.json()
    return job


def upload(client: Client, *fields: bytes, **headers: str) -> requests.Response:
    return client.send_form(form(*fields, part("file", b"no video", "a.mp4")), **headers)


def test_an_upload_tells_where_its_job_is(user: User) -> None:
    answer = upload(user.client)
    assert answer.text == "success!"
    assert answer.headers["Location"] == f"/jobs/{answer.headers['X-Job-Id']}"
    assert job_of(user.client, answer.headers["X-Job-Id"])["filename"] == "a.mp4"


def test_an_upload_answers_with_the_job_to_who_asks_for_json(user: User) -> None:
    job = upload(user.client, Accept="application/json").json()
    assert (job["state"], job["percent"], job["video_bytes"]) == ("queued", 0, 8)


def test_a_job_is_followed_to_its_mp3(user: User, tmp_path: Path) -> None:
    client = user.client
    video = media.with_sound(tmp_path / "my film.mp4")
    job_id = client.upload(video, bitrate="128k", title="Lied").headers["X-Job-Id"]

    until(lambda: job_of(client, job_id, "?wait=10")["state"] == "done", "the job is done", 60)

    job = job_of(client, job_id)
    assert (job["percent"], job["error"]) == (100, None)
    assert job["options"] == {"bitrate": "128k", "title": "Lied"}
    assert job["video_bytes"] == video.stat().st_size
    by_job, by_fid = client.request("GET", f"/jobs/{job_id}/mp3"), client.download(job["mp3_fid"])
    assert by_job.content == by_fid.content
    assert len(by_job.content) == job["mp3_bytes"]
    assert by_job.headers["Content-Disposition"] == by_fid.headers["Content-Disposition"]


def test_a_failed_job_tells_why_and_can_be_retried(user: User, mailbox: Mailbox) -> None:
    client = user.client
    job_id = upload(client).headers["X-Job-Id"]
    failed = until(
        lambda: [job for job in [job_of(client, job_id, "?wait=10")] if job["state"] == "failed"],
        "the job fails",
        60,
    )
    assert failed[0]["error"]
    created = datetime.fromisoformat(failed[0]["created"])
    # The API tells its times in whole seconds, and all that came before may fit in one.
    until(lambda: datetime.now(UTC) - created >= timedelta(seconds=1), "another second begins")

    again = client.request("POST", f"/jobs/{job_id}/retry").json()

    assert (again["state"], again["error"], again["percent"]) == ("queued", None, 0)
    assert datetime.fromisoformat(again["queued"]) > created
    until(lambda: job_of(client, job_id, "?wait=10")["state"] == "failed", "it fails again", 60)
    mails = {f"{job_id}.failed", f"{job_id}.failed1"}
    until(lambda: mailbox.message_ids(user.email) == mails, "each failure has a mail of its own")


@pytest.mark.parametrize("state", ["queued", "converting", "done"])
def test_only_a_failed_job_can_be_retried(user: User, mongo: Mongo, state: str) -> None:
    job_id = store_video(mongo, user.email, state=state)
    answer = user.client.request("POST", f"/jobs/{job_id}/retry")
    assert (answer.status_code, answer.text) == (409, "Only a failed job can be retried")
    assert job_of(user.client, job_id)["state"] == state


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("bitrate", "1k", "64k, 80k"),
        ("quality", "10", "from 0"),
        ("channels", "3", "1 or 2"),
        ("sample_rate", "1", "44100"),
        ("start", "1:99", "seconds or h:mm:ss"),
        ("end", "-1", "seconds or h:mm:ss"),
        ("normalize", "maybe", "yes or no"),
        ("cover", "x", "h:mm:ss"),
        ("title", "a\nb", "200 characters"),
        ("preset", "loud", "speech, podcast, music"),
        ("silence", "keep", "cut"),
        ("track", "0", "the number of an audio track"),
        ("track", "german", "its language"),
    ],
)
def test_a_bad_option_gets_400_with_what_is_allowed(
    user: User, mongo: Mongo, name: str, value: str, allowed: str
) -> None:
    answer = upload(user.client, part(name, value.encode()))
    assert answer.status_code == 400
    assert answer.text.startswith(name)
    assert allowed in answer.text
    assert not videos_of(mongo, user.email)


def test_jobs_are_listed_newest_first_page_by_page(user: User, mongo: Mongo) -> None:
    client = user.client
    ids = [str(store_video(mongo, user.email, state="done")) for _ in range(5)]
    seen, page = [], "/jobs?limit=2&state=done"
    while page:
        answer = client.request("GET", page).json()
        assert len(answer["jobs"]) <= 2
        seen += [job["id"] for job in answer["jobs"]]
        page = answer["next"]
    assert seen == ids[::-1]


def test_jobs_are_filtered_by_state(user: User, mongo: Mongo) -> None:
    ids = {state: str(store_video(mongo, user.email, state=state)) for state in ("done", "failed")}
    jobs = user.client.request("GET", "/jobs?state=failed").json()["jobs"]
    assert [job["id"] for job in jobs] == [ids["failed"]]


def names_found(user: User, **query: object) -> list[str]:
    answer = user.client.request("GET", "/jobs", params=query)
    assert answer.status_code == 200
    return [job["filename"] for job in answer.json()["jobs"]]


def test_jobs_are_found_by_a_part_of_the_name_on_every_page(
    user: User, mongo: Mongo, new_user: NewUser
) -> None:
    store_done(mongo, user.email, ["Talk at noon.mp4", *["other.mp4"] * 5, "my talk.webm"], b"x")
    store_done(mongo, new_user().email, ["talk.mp4"], b"x")
    store_video(mongo, user.email, name="a failed talk.mp4", state="failed")
    assert names_found(user, q="tALK") == ["a failed talk.mp4", "my talk.webm", "Talk at noon.mp4"]
    assert names_found(user, q="talk", state="done") == ["my talk.webm", "Talk at noon.mp4"]
    first = user.client.request("GET", "/jobs?q=talk&limit=2").json()
    (last,) = user.client.request("GET", first["next"]).json()["jobs"]
    assert last["filename"] == "Talk at noon.mp4"


def test_what_is_looked_for_is_taken_as_it_is(user: User, mongo: Mongo) -> None:
    names = ["a.b", "a+b", "(a", "a\\", "50 % [x]^$|*?.mp4", "GRÖSSE.mp4", "gro\u0308sse.mp4"]
    store_done(mongo, user.email, names, b"x")
    for name in names[:5]:
        assert names_found(user, q=name) == [name]
    assert names_found(user, q="größe".replace("ß", "ss")) == ["gro\u0308sse.mp4", "GRÖSSE.mp4"]
    assert names_found(user, q=".*") == names_found(user, q="q" * 255) == []
    assert len(names_found(user, q="")) == len(names)


@pytest.mark.parametrize(
    "query", ["q=%00", "state=x", "limit=0", "limit=101", "limit=x", "before=x"]
)
def test_a_bad_query_gets_400_with_what_is_allowed(user: User, query: str) -> None:
    answer = user.client.request("GET", f"/jobs?{query}")
    assert answer.status_code == 400
    assert answer.text.startswith(query.partition("=")[0] + " must be")


def test_another_users_jobs_do_not_exist(user: User, mongo: Mongo, new_user: NewUser) -> None:
    job_id = store_video(mongo, user.email, state="failed")
    stranger = new_user().client
    assert stranger.request("GET", "/jobs").json()["jobs"] == []
    for method, rest in [("GET", ""), ("DELETE", ""), ("POST", "/retry"), ("GET", "/mp3")]:
        answer = stranger.request(method, f"/jobs/{job_id}{rest}")
        assert (answer.status_code, answer.text) == (404, "Job not found")
    assert job_of(user.client, job_id)["state"] == "failed"


@pytest.mark.parametrize("job_id", ["x", "0" * 24])
def test_no_such_job_gets_404(user: User, job_id: str) -> None:
    assert user.client.request("GET", f"/jobs/{job_id}").status_code == 404


@pytest.mark.parametrize("state", ["queued", "converting", "done", "failed"])
def test_a_deleted_job_is_gone_with_its_video_and_mp3(user: User, mongo: Mongo, state: str) -> None:
    job_id = store_video(mongo, user.email, state=state)
    mp3 = store_mp3(mongo, user.email, job_id)

    assert user.client.request("DELETE", f"/jobs/{job_id}").status_code == 204

    assert user.client.request("GET", f"/jobs/{job_id}").status_code == 404
    assert user.client.request("GET", "/jobs").json()["jobs"] == []
    assert user.client.download(str(mp3)).status_code == 404
    for database, file_id in (("videos", job_id), ("mp3s", mp3)):
        assert mongo[database]["fs.chunks"].count_documents({"files_id": file_id}) == 0


def test_a_job_without_an_mp3_says_so(user: User, mongo: Mongo) -> None:
    job_id = store_video(mongo, user.email, state="converting")
    answer = user.client.request("GET", f"/jobs/{job_id}/mp3")
    assert (answer.status_code, answer.text) == (409, "There is no MP3: the job is converting")


def test_a_running_job_is_cancelled(
    user: User, mongo: Mongo, mailbox: Mailbox, tmp_path: Path
) -> None:
    name, client = user
    video = media.with_sound(tmp_path / "long.mp4", seconds=200)
    job_id = client.upload(video, normalize="yes").headers["X-Job-Id"]
    until(lambda: job_of(client, job_id)["state"] == "converting", "it is being converted", 60)

    assert client.request("DELETE", f"/jobs/{job_id}").status_code == 204

    until(lambda: not videos_of(mongo, name), "the converter drops it", 60)
    assert not mongo["videos"]["fs.chunks"].count_documents({"files_id": ObjectId(job_id)})
    assert not mongo["mp3s"]["fs.files"].count_documents({"metadata.username": name})
    assert not mailbox.mails(name)
