"""The chapters of an MP3, one MP3 each, for its owner."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.client import Client
from tests.support.files import Mongo, store_mp3, store_video
from tests.support.follow import converted, fetched
from tests.support.media import probe, with_chapters
from tests.support.stack import Stack
from tests.support.users import NewUser, User

TIMEOUT = 60  # seconds
NO_CHAPTERS = 404, "The MP3 has no chapters"
MARKS = (("One", 0, 10001), ('Two / "zwei"', 10001, 30000))  # milliseconds


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_chapters(tmp_path_factory.mktemp("chapters") / "book.m4a", MARKS)


def listed(client: Client, job_id: object) -> list[dict[str, Any]]:
    answer = client.request("GET", f"/jobs/{job_id}/chapters")
    answer.raise_for_status()
    chapters: list[dict[str, Any]] = answer.json()["chapters"]
    return chapters


def told(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


def bytes_of_sound(path: Path) -> int:
    """How much sound a player makes of a file with which nothing is wrong."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-f", "s16le", "-"]
    ended = subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT)
    assert not ended.stderr
    return len(ended.stdout)


@pytest.mark.parametrize("options", [{}, {"bitrate": "128k"}])
def test_each_chapter_is_an_mp3_and_together_they_are_the_whole(
    user: User, book: Path, tmp_path: Path, options: dict[str, str]
) -> None:
    client = user.client
    job = converted(client, book, artist="The Band", **options)
    found = listed(client, job["id"])
    assert [(one["title"], one["start"] * 1000, one["end"] * 1000) for one in found] == list(MARKS)
    whole = fetched(client, f"/jobs/{job['id']}/mp3", tmp_path / "whole.mp3")
    sound = 0
    for one in found:
        mp3 = fetched(client, one["url"], tmp_path / f"{one['number']}.mp3")
        assert mp3.stat().st_size == one["bytes"]
        tags = probe(mp3)["format"]["tags"]
        assert (tags["title"], tags["album"]) == (one["title"], "book")
        assert (tags["artist"], tags["track"]) == ("The Band", f"{one['number']}/2")
        sound += bytes_of_sound(mp3)
    assert sound == bytes_of_sound(whole)
    assert job["mp3_chapters"] == len(found)


def test_a_chapter_s_download_goes_on_where_it_broke_off(user: User, book: Path) -> None:
    client = user.client
    two = listed(client, converted(client, book)["id"])[1]
    whole = client.request("GET", two["url"])
    assert whole.headers["Content-Length"] == str(two["bytes"])
    assert "02 Two _ _zwei_.mp3" in whole.headers["Content-Disposition"]
    head = client.request("HEAD", two["url"])
    assert (head.status_code, head.headers["ETag"]) == (200, whole.headers["ETag"])
    for start in (0, 5, 700, two["bytes"] - 7):
        answer = client.request("GET", two["url"], {"Range": f"bytes={start}-"})
        assert (answer.status_code, answer.content) == (206, whole.content[start:])
    other = client.request("GET", two["url"].removesuffix("2") + "1", {"Range": "bytes=0-9"})
    assert other.headers["ETag"] != whole.headers["ETag"]


def test_a_link_to_the_mp3_gives_each_chapter_and_ends_for_all(
    user: User, stack: Stack, mongo: Mongo, book: Path
) -> None:
    client, anybody = user.client, Client(stack.env["GATEWAY_URL"])
    job = converted(client, book)["id"]
    link = client.request("POST", f"/jobs/{job}/links").headers["Location"]
    for number in (1, 2):
        own = client.request("GET", f"/jobs/{job}/chapters/{number}")
        got = anybody.request("GET", f"{link}?chapter={number}")
        assert (got.status_code, got.content) == (200, own.content)
        for header in ("Content-Disposition", "ETag"):
            assert got.headers[header] == own.headers[header]
    part = anybody.request("GET", f"{link}?chapter=2", {"Range": "bytes=700-"})
    assert (part.status_code, part.content) == (206, own.content[700:])
    for absent in ("0", "3", "x", ""):
        got = anybody.request("GET", f"{link}?chapter={absent}")
        assert told(got) == (404, "Chapter not found")
    other = store_video(mongo, user.email, state="done")
    store_mp3(mongo, user.email, other)
    both = client.request("POST", "/links", data={"ids": f"{job},{other}"}).headers["Location"]
    one_alone = 400, "chapter is for a link to one MP3"
    assert told(anybody.request("GET", f"{both}?chapter=1")) == one_alone
    client.request("DELETE", "/links").raise_for_status()
    assert told(anybody.request("GET", f"{link}?chapter=1")) == (410, "The link has ended")


def test_what_is_not_there_is_told(user: User, mongo: Mongo, new_user: NewUser, book: Path) -> None:
    client = user.client
    job = converted(client, book)
    url = f"/jobs/{job['id']}/chapters"
    for number in ("0", "3", "x", "01"):
        assert told(client.request("GET", f"{url}/{number}")) == (404, "Chapter not found")
    for path in (url, f"{url}/1"):
        assert told(new_user().client.request("GET", path)) == (404, "Job not found")
    queued = store_video(mongo, user.email, state="queued")
    no_mp3 = 409, "There is no MP3: the job is queued"
    assert told(client.request("GET", f"/jobs/{queued}/chapters")) == no_mp3
    assert client.request("GET", f"/jobs/{queued}").json()["mp3_chapters"] is None


@pytest.mark.parametrize("stored", [None, "two", [], [7, {"title": "One"}]])
def test_an_mp3_that_lists_none_has_no_chapters(user: User, mongo: Mongo, stored: object) -> None:
    """An older version's, or what an operator wrote by hand."""
    job_id = store_video(mongo, user.email, state="done")
    mp3 = store_mp3(mongo, user.email, job_id)
    update = {"$set": {"metadata.chapters": stored}}
    mongo["mp3s"]["fs.files"].update_one({"_id": mp3}, update)
    for path in ("chapters", "chapters/1"):
        assert told(user.client.request("GET", f"/jobs/{job_id}/{path}")) == NO_CHAPTERS
    job = user.client.request("GET", f"/jobs/{job_id}").json()
    assert job["mp3_chapters"] == 0


def test_the_chapters_are_gone_with_the_mp3(user: User, mongo: Mongo) -> None:
    job_id = store_video(mongo, user.email, state="done")
    mp3 = store_mp3(mongo, user.email, job_id)
    update = {"$set": {"metadata.removed": datetime(2026, 11, 3, tzinfo=UTC)}}
    mongo["mp3s"]["fs.files"].update_one({"_id": mp3}, update)
    for path in ("chapters", "chapters/1"):
        gone = 410, "The file was removed on 2026-11-03"
        assert told(user.client.request("GET", f"/jobs/{job_id}/{path}")) == gone
