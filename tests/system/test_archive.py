"""Many MP3s in one ZIP: those that were asked for and no others, whole or visibly cut."""

import io
import secrets
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest
import requests
from bson import ObjectId
from werkzeug.http import parse_options_header

from tests.support.client import Client
from tests.support.files import Mongo, store_done, store_mp3, store_video
from tests.support.gateway import own_gateway
from tests.support.stack import Stack
from tests.support.users import NewUser, User

MOST = 400
NAMES = ["talk.mp4", "Größe 😀.webm", "talk.mov"]
SOUNDS = [secrets.token_bytes(size) for size in (1_500_000, 1, 300_000)]
GONE = {"$set": {"metadata.removed": datetime(2026, 5, 17, tzinfo=UTC)}}


def done(mongo: Mongo, user: User, name: str, sound: bytes) -> str:
    video = store_video(mongo, user.email, name=name, state="done")
    store_mp3(mongo, user.email, video, sound)
    return str(video)


@pytest.fixture
def jobs(user: User, mongo: Mongo) -> list[str]:
    return [done(mongo, user, *one) for one in zip(NAMES, SOUNDS, strict=True)]


def archive(user: User, *ids: object, method: str = "GET") -> requests.Response:
    return user.client.request(method, f"/jobs/archive?ids={','.join(map(str, ids))}")


def opened(answer: requests.Response) -> ZipFile:
    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(len(answer.content))
    found = ZipFile(io.BytesIO(answer.content))
    assert found.testzip() is None
    return found


def test_the_archive_has_the_mp3s_in_their_order_by_their_videos_names(
    user: User, jobs: list[str], mongo: Mongo, tmp_path: Path
) -> None:
    answer = archive(user, *jobs)
    found = opened(answer)
    assert found.namelist() == ["talk.mp3", "Größe 😀.mp3", "talk (2).mp3"]
    assert [found.read(name) for name in found.namelist()] == SOUNDS
    assert {info.compress_type for info in found.infolist()} == {ZIP_STORED}
    (made,) = mongo["mp3s"]["fs.files"].find({"metadata.video_fid": jobs[0]})
    assert found.infolist()[0].date_time[:5] == made["uploadDate"].timetuple()[:5]
    assert answer.headers["Content-Type"] == "application/zip"
    said = parse_options_header(answer.headers["Content-Disposition"])
    assert said == ("attachment", {"filename": "mp3s.zip"})
    file = tmp_path / "mp3s.zip"
    file.write_bytes(answer.content)
    subprocess.run(["unzip", "-tq", file], check=True, timeout=30)


def test_an_archive_is_in_the_order_that_was_asked_for_and_has_each_once(
    user: User, jobs: list[str]
) -> None:
    first, second, _ = jobs
    found = opened(archive(user, second, first.upper(), second, first))
    assert [found.read(info) for info in found.infolist()] == [SOUNDS[1], SOUNDS[0]]


def test_head_tells_the_length_of_the_archive(user: User, jobs: list[str]) -> None:
    head, whole = archive(user, *jobs, method="HEAD"), archive(user, *jobs)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.content))


def test_400_fit_into_one_archive_by_a_form_and_by_a_link(user: User, mongo: Mongo) -> None:
    jobs = store_done(mongo, user.email, ["same.mp4"] * MOST, secrets.token_bytes(1000))
    form = {"ids": ",".join(map(str, jobs))}
    by_form = opened(user.client.request("POST", "/jobs/archive", data=form))
    names = ["same.mp3"] + [f"same ({number}).mp3" for number in range(2, MOST + 1)]
    assert by_form.namelist() == names
    link = user.client.request("POST", "/links", data=form).headers["Location"]
    assert len(link) < 8000
    by_link = Client(user.client.url).request("GET", link)
    assert opened(by_link).namelist() == names
    more = {"ids": form["ids"] + f",{ObjectId()}"}
    for path in ("/jobs/archive", "/links"):
        refused = user.client.request("POST", path, data=more)
        assert (refused.status_code, refused.text) == (
            400,
            "ids must be those of 1 to 400 jobs, with commas between",
        )


def test_one_that_is_not_there_is_named_and_nothing_is_sent(
    user: User, jobs: list[str], mongo: Mongo, new_user: NewUser
) -> None:
    other, unknown = new_user(), str(ObjectId())
    anothers = done(mongo, other, "a.mp4", b"x")
    failed = str(store_video(mongo, user.email, state="failed"))
    old = done(mongo, user, "old.mp4", b"x")
    mongo["mp3s"]["fs.files"].update_one({"metadata.video_fid": old}, GONE)
    due = {
        unknown: (404, f"Job not found ({unknown})"),
        anothers: (404, f"Job not found ({anothers})"),
        "<b>": (404, "Job not found"),
        failed: (409, f"There is no MP3: the job is failed ({failed})"),
        old: (410, f"The file was removed on 2026-05-17 ({old})"),
    }
    for way in ("GET /jobs/archive", "POST /jobs/archive", "POST /links"):
        method, path = way.split()
        got = {}
        for one in due:
            ids = {"ids": f"{jobs[0]},{one},{jobs[1]}"}
            sent = {"params": ids} if method == "GET" else {"data": ids}
            answer = user.client.request(method, path, **sent)
            got[one] = answer.status_code, answer.text
        assert got == due, way


@pytest.mark.parametrize("query", ["", "?ids=", "?ids=,"])
def test_no_ids_are_refused(user: User, query: str) -> None:
    answer = user.client.request("GET", f"/jobs/archive{query}")
    assert answer.status_code == 400
    assert answer.text.startswith("ids must be")


def test_a_missing_chunk_cuts_the_archive(user: User, jobs: list[str], mongo: Mongo) -> None:
    (made,) = mongo["mp3s"]["fs.files"].find({"metadata.video_fid": jobs[2]})
    mongo["mp3s"]["fs.chunks"].delete_one({"files_id": made["_id"], "n": 1})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        archive(user, *jobs)


def test_an_archive_takes_one_place_of_downloads(stack: Stack, user: User, mongo: Mongo) -> None:
    ids = [done(mongo, user, "a.mp4", bytes(20_000_000)) for _ in range(2)]
    path = f"/jobs/archive?ids={','.join(ids)}"
    with own_gateway(stack, THREADS="6") as gateway:  # two of them for downloads
        client = Client(gateway.url, user.client.token)
        with client.request("GET", path, stream=True) as one:
            assert one.status_code == 200
            refused = client.request("GET", path)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
            assert len(one.content) > 40_000_000
        assert client.request("GET", path).status_code == 200


def test_a_link_to_several_ends_as_any_other(user: User, jobs: list[str]) -> None:
    def link(*ids: str) -> str:
        made = user.client.request("POST", "/links", data={"ids": ",".join(ids)})
        assert made.status_code == 201
        assert made.json()["url"] == user.client.url + made.headers["Location"]
        return made.headers["Location"]

    anybody = Client(user.client.url)
    of_all, of_two, of_one = link(*jobs), link(*jobs[:2]), link(jobs[0])
    got = anybody.request("GET", of_two)
    assert opened(got).namelist() == ["talk.mp3", "Größe 😀.mp3"]
    assert got.headers["X-Robots-Tag"] == "noindex"
    assert anybody.request("GET", of_one).content == SOUNDS[0]
    user.client.request("DELETE", f"/jobs/{jobs[2]}").raise_for_status()
    assert anybody.request("GET", of_all).status_code == 404
    user.client.request("DELETE", "/links").raise_for_status()
    assert anybody.request("GET", of_two).text == "The link has ended"
