"""What the gateway accepts and what it refuses; of a refused upload nothing is stored."""

import secrets
from pathlib import Path

import pytest

from tests.support import files
from tests.support.client import Client
from tests.support.files import Mongo, orphans, videos_of
from tests.support.multipart import FORM_TYPE, answer, begun_upload, form, part
from tests.support.stack import Stack
from tests.support.users import User


def test_an_upload_is_stored_as_the_tutorial_shows(
    user: User, mongo: Mongo, tmp_path: Path
) -> None:
    name, client = user
    content = secrets.token_bytes(1_000_000)
    (tmp_path / "clip.mp4").write_bytes(content)

    answer = client.upload(tmp_path / "clip.mp4")

    assert (answer.status_code, answer.text) == (200, "success!")
    [video] = videos_of(mongo, name)
    assert video["filename"] == "clip.mp4"
    assert video["contentType"] == "video/mp4"
    assert (video["length"], video["chunkSize"]) == (1_000_000, 261120)
    assert files.content(mongo["videos"], video["_id"]) == content
    assert answer.headers["Location"] == f"/jobs/{video['_id']}"


def test_an_upload_of_unknown_length_is_taken(user: User, mongo: Mongo) -> None:
    name, client = user
    body = form(part("file", b"x" * 600_000, "a.webm"))
    pieces = (body[start : start + 9_999] for start in range(0, len(body), 9_999))
    assert client.send_form(pieces).ok
    assert [video["length"] for video in videos_of(mongo, name)] == [600_000]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("../../etc/passwd", "passwd"),
        ("Größe 😀.mp4", "Größe 😀.mp4"),
        ("n" * 4000 + ".mp4", "n" * 251 + ".mp4"),
    ],
)
def test_any_name_is_stored_clean(user: User, mongo: Mongo, sent: str, stored: str) -> None:
    name, client = user
    body = form(part("file", b"x", sent))
    assert client.send_form(body).ok
    assert [video["filename"] for video in videos_of(mongo, name)] == [stored]


FILE = part("file", b"x" * 5_000_000, "a.mp4")
NO_FILE = "No file provided"
TWO_FILES = "Only one file can be uploaded at a time"


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/plain", b"hello", NO_FILE),
        ("application/x-www-form-urlencoded", b"file=x", NO_FILE),
        ("multipart/form-data", FILE, NO_FILE),
        (FORM_TYPE, b"", "The upload was cut off"),
        (FORM_TYPE, form(), NO_FILE),
        (FORM_TYPE, form(part("file", b"text")), NO_FILE),
        (FORM_TYPE, form(part("file", b"", "")), NO_FILE),
        (FORM_TYPE, form(part("video", b"x", "a.mp4")), NO_FILE),
        (
            FORM_TYPE,
            form(FILE, part("more", b"y", "b.mp4")),
            "Only one file can be uploaded at a time",
        ),
        (FORM_TYPE, form(part("file", b"", "a.mp4")), "The file is empty"),
        (FORM_TYPE, FILE, "The upload was cut off"),
        (FORM_TYPE, b"garbage", "The form is malformed"),
        (FORM_TYPE, form(FILE, part("bitrate", b"1k")), "bitrate must be one of 64k"),
    ],
)
def test_a_bad_form_gets_400_and_leaves_nothing(
    user: User, mongo: Mongo, kind: str, body: bytes, text: str
) -> None:
    name, client = user
    before = orphans(mongo)

    answer = client.request("POST", "/upload", {"Content-Type": kind}, data=body)

    assert answer.status_code == 400
    assert answer.text.startswith(text)
    assert not videos_of(mongo, name)
    assert orphans(mongo) <= before


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "?"}])
def test_without_a_good_token_every_door_is_closed(stack: Stack, headers: dict[str, str]) -> None:
    client = Client(stack.env["GATEWAY_URL"])
    requests = [
        ("POST", "/upload"),
        ("GET", "/download?fid=1"),
        ("GET", "/jobs"),
        ("GET", "/jobs/1"),
    ]
    requests += [("DELETE", "/jobs/1"), ("POST", "/jobs/1/retry"), ("GET", "/jobs/1/mp3")]
    requests += [("POST", "/jobs/1/links"), ("DELETE", "/links")]
    for method, path in requests:
        answer = client.request(method, path, headers)
        assert (answer.status_code, answer.text) == (401, "Unauthorized")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_bad_token_gets_its_401_before_the_body_is_sent(stack: Stack) -> None:
    with begun_upload(stack.env["GATEWAY_URL"], "bad", 10**9) as connection:
        assert answer(connection) == (401, "Unauthorized")


def test_an_upload_without_a_file_reads_no_further_than_it_must(user: User) -> None:
    _, client = user
    with begun_upload(client.url, client.token, 10**9) as connection:
        connection.send(part("video", b"x" * 2_000_000, "a.mp4"))
        assert answer(connection) == (400, NO_FILE)


@pytest.mark.parametrize("path", ["/upload", "/login"])
def test_get_is_not_allowed_where_something_is_posted(stack: Stack, path: str) -> None:
    answer = Client(stack.env["GATEWAY_URL"]).request("GET", path)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_the_public_port_tells_its_health(stack: Stack) -> None:
    answer = Client(stack.env["GATEWAY_URL"]).request("GET", "/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")
