"""Downloads: whole or by ranges, to the owner only, under the video's name."""

import http.client
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import requests
from bson import ObjectId
from werkzeug.http import parse_options_header

from servicekit.gridfs.file import CHUNK_SIZE
from tests.support.client import Client
from tests.support.files import Mongo, store_mp3, store_video
from tests.support.gateway import own_gateway
from tests.support.relay import Relay
from tests.support.stack import Stack
from tests.support.users import NewUser, User
from tests.support.wait import until

SIZE = 5_000_000
FREE_WITHIN = 5.0  # seconds; MONGODB_TIMEOUT is 1 there


@dataclass(frozen=True)
class Mp3:
    fid: str
    content: bytes


@pytest.fixture
def mp3(mongo: Mongo, user: User) -> Mp3:
    """An MP3 of the user's, larger than what one query of the gateway reads."""
    content = secrets.token_bytes(SIZE)
    return Mp3(store(mongo, user.email, content, 'Größe "😀".webm'), content)


def store(mongo: Mongo, username: str, content: bytes, video_name: str) -> str:
    """An MP3 of `content`, made of a video of that name; its id."""
    video = store_video(mongo, username, name=video_name, state="done")
    return str(store_mp3(mongo, username, video, content))


def test_the_owner_gets_the_whole_mp3(user: User, mp3: Mp3) -> None:
    answer = user.client.download(mp3.fid)
    assert answer.status_code == 200
    assert answer.content == mp3.content
    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert answer.headers["Content-Length"] == str(SIZE)
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_the_mp3_is_called_as_the_video_was(user: User, mp3: Mp3) -> None:
    header = user.client.download(mp3.fid).headers["Content-Disposition"]
    kind, options = parse_options_header(header)
    assert (kind, options["filename"]) == ("attachment", 'Größe "😀".mp3')
    assert header.isascii()


def test_without_its_video_the_mp3_is_called_by_its_id(user: User, mp3: Mp3, mongo: Mongo) -> None:
    mongo["videos"]["fs.files"].delete_one({"metadata.username": user.email})
    header = user.client.download(mp3.fid).headers["Content-Disposition"]
    assert parse_options_header(header)[1]["filename"] == f"{mp3.fid}.mp3"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=1000-1999", 1000, 2000),
        ("bytes=261119-261120", 261119, 261121),
        ("bytes=4000000-4999999", 4_000_000, SIZE),
        ("bytes=4999999-", SIZE - 1, SIZE),
        ("bytes=100-99999999", 100, SIZE),
        ("bytes=-1000", SIZE - 1000, SIZE),
    ],
)
def test_a_range_is_served(user: User, mp3: Mp3, asked: str, start: int, stop: int) -> None:
    answer = user.client.download(mp3.fid, Range=asked)
    assert answer.status_code == 206
    assert answer.content == mp3.content[start:stop]
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert answer.headers["Content-Length"] == str(stop - start)


def test_a_range_outside_the_file_gets_416(user: User, mp3: Mp3) -> None:
    answer = user.client.download(mp3.fid, Range=f"bytes={SIZE}-")
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


def test_a_range_is_served_only_of_the_same_version(user: User, mp3: Mp3) -> None:
    etag = user.client.download(mp3.fid, Range="bytes=0-0").headers["ETag"]
    assert user.client.download(mp3.fid, Range="bytes=5-9", If_Range=etag).status_code == 206
    whole = user.client.download(mp3.fid, Range="bytes=5-9", If_Range='"other"')
    assert (whole.status_code, len(whole.content)) == (200, SIZE)


def test_who_has_the_mp3_gets_304(user: User, mp3: Mp3) -> None:
    etag = user.client.download(mp3.fid, Range="bytes=0-0").headers["ETag"]
    answer = user.client.download(mp3.fid, If_None_Match=etag)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == etag


def test_head_tells_all_and_sends_nothing(user: User, mp3: Mp3) -> None:
    answer = user.client.request("HEAD", f"/download?fid={mp3.fid}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(SIZE)


def test_without_an_id_the_download_gets_400(user: User) -> None:
    answer = user.client.request("GET", "/download")
    assert (answer.status_code, answer.text) == (400, "No fid provided")


@pytest.mark.parametrize("fid", ["x", str(ObjectId()), "0" * 23, "😀", "../../etc/passwd"])
def test_no_such_file_gets_404(user: User, fid: str) -> None:
    answer = user.client.download(fid)
    assert (answer.status_code, answer.text) == (404, "File not found")


def test_another_users_mp3_gets_404(mp3: Mp3, new_user: NewUser) -> None:
    answer = new_user().client.download(mp3.fid)
    assert (answer.status_code, answer.text) == (404, "File not found")


def test_an_mp3_removed_by_its_age_gets_410(user: User, mp3: Mp3, mongo: Mongo) -> None:
    removed = {"$set": {"metadata.removed": datetime(2026, 5, 17, tzinfo=UTC)}}
    mongo["mp3s"]["fs.files"].update_one({"_id": ObjectId(mp3.fid)}, removed)
    answer = user.client.download(mp3.fid)
    assert (answer.status_code, answer.text) == (410, "The file was removed on 2026-05-17")


def test_a_missing_chunk_breaks_the_transfer(user: User, mp3: Mp3, mongo: Mongo) -> None:
    mongo["mp3s"]["fs.chunks"].delete_one({"files_id": ObjectId(mp3.fid), "n": 17})
    with pytest.raises((requests.exceptions.ChunkedEncodingError, http.client.IncompleteRead)):
        user.client.download(mp3.fid)


def test_the_first_bytes_wait_for_one_chunk_only(user: User, mp3: Mp3, mongo: Mongo) -> None:
    mongo["mp3s"]["fs.chunks"].delete_one({"files_id": ObjectId(mp3.fid), "n": 1})
    with user.client.request("GET", f"/download?fid={mp3.fid}", stream=True) as answer:
        assert answer.raw.read(CHUNK_SIZE) == mp3.content[:CHUNK_SIZE]
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            answer.content  # noqa: B018


def test_a_download_goes_on_where_mongodb_has_forgotten_its_cursor(
    user: User, mongo: Mongo
) -> None:
    content = secrets.token_bytes(40_000_000)  # more than all buffers between the two
    large = store(mongo, user.email, content, "a.mp4")
    begun = datetime.now(UTC)
    with user.client.request("GET", f"/download?fid={large}", stream=True) as answer:
        begin = answer.raw.read(CHUNK_SIZE)
        cursors = until(lambda: idle_cursors(mongo, begun), "the gateway waits with a cursor", 10)
        mongo["mp3s"].command("killCursors", "fs.chunks", cursors=cursors)
        assert begin + answer.raw.read() == content


@pytest.fixture
def beside(stack: Stack, user: User) -> Iterator[tuple[Client, Relay]]:
    """A gateway of one thread, and its link to MongoDB."""
    with Relay(stack.env["MONGODB_URI"]) as link:
        settings = {"THREADS": "1", "MONGODB_URI": link.url, "MONGODB_TIMEOUT": "1"}
        with own_gateway(stack, **settings) as gateway:
            yield Client(gateway.url, user.client.token), link


def test_a_download_goes_on_when_the_link_to_mongodb_was_cut(
    beside: tuple[Client, Relay], user: User, mongo: Mongo
) -> None:
    client, link = beside
    content = secrets.token_bytes(40_000_000)
    large = store(mongo, user.email, content, "a.mp4")
    begun = datetime.now(UTC)
    with client.request("GET", f"/download?fid={large}", stream=True) as answer:
        begin = answer.raw.read(CHUNK_SIZE)
        until(lambda: idle_cursors(mongo, begun), "the gateway waits with a cursor", 10)
        link.cut()
        link.resume()
        assert begin + answer.raw.read() == content


def test_a_client_that_leaves_while_mongodb_is_silent_frees_its_thread(
    beside: tuple[Client, Relay], user: User, mongo: Mongo
) -> None:
    client, link = beside
    large = store(mongo, user.email, b"x" * 40_000_000, "a.mp4")
    begun = datetime.now(UTC)
    with client.request("GET", f"/download?fid={large}", stream=True) as answer:
        assert answer.raw.read(CHUNK_SIZE)
        until(lambda: idle_cursors(mongo, begun), "the gateway waits with a cursor", 10)
        link.stall()
    left = time.monotonic()
    assert client.request("GET", "/healthz").ok
    assert time.monotonic() - left < FREE_WITHIN


def idle_cursors(mongo: Mongo, since: datetime) -> list[int]:
    """Those on MP3s' chunks, not from before `since`, that nobody has asked for half a second."""
    operations = {"$currentOp": {"idleCursors": True, "localOps": True}}
    idle = {"$subtract": ["$$NOW", "$cursor.lastAccessDate"]}
    wanted = {
        "ns": "mp3s.fs.chunks",
        "cursor.createdDate": {"$gte": since},
        "$expr": {"$gt": [idle, 500]},
    }
    found = mongo["admin"].aggregate([operations, {"$match": wanted}])
    return [each["cursor"]["cursorId"] for each in found]


def test_a_client_that_takes_nothing_holds_no_thread(
    stack: Stack, user: User, mongo: Mongo
) -> None:
    large = store(mongo, user.email, b"x" * 40_000_000, "a.mp4")
    with own_gateway(stack, THREADS="1", UPLOAD_IDLE_TIMEOUT="1") as gateway:
        client = Client(gateway.url, user.client.token)
        with client.request("GET", f"/download?fid={large}", stream=True) as stalled:
            assert client.request("GET", "/healthz").ok
            with pytest.raises(requests.exceptions.ChunkedEncodingError):
                stalled.content  # noqa: B018
