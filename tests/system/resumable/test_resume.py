"""An upload that is cut goes on where it was, whatever was killed."""

import http.client
import os
import random
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bson import ObjectId

from tests.support import files, tus
from tests.support.client import Client
from tests.support.files import Mongo
from tests.support.gateway import own_gateway
from tests.support.stack import Stack
from tests.support.users import User
from tests.support.wait import until

MIB = 2**20
MEBIBYTES = int(os.environ.get("RESUMED_MIB", "48"))
SIZE = MEBIBYTES * MIB
CUTS = int(os.environ.get("CUTS", "6"))  # of the client's link
KILLS = int(os.environ.get("KILLS", "2"))  # of those, of the gateway itself
AGAIN = 4 * MIB  # bytes that may be sent again after each; the promise
LISTENS = "0A"  # a state in proc(5), whose queue is of connections
TIMEOUT = 60  # seconds
AT_ONCE = struct.pack("ii", 1, 0)  # a close with a reset, see socket(7)
PIECE = 64 * 1024  # bytes that such a reset may take along


@pytest.fixture(scope="module")
def content() -> bytes:
    draw = random.Random(1)  # noqa: S311 to be repeated, not secret
    return b"".join(draw.randbytes(MIB) for _ in range(MEBIBYTES))


@contextmanager
def part_sent(
    client: Client, url: str, body: bytes, start: int, stop: int
) -> Iterator[http.client.HTTPConnection]:
    """PATCH the rest of the file, and break off at `stop`; inside, the gateway waits for more."""
    to = urlsplit(client.url)
    connection = http.client.HTTPConnection(to.hostname or "", to.port, timeout=TIMEOUT)
    connection.putrequest("PATCH", url)
    headers = tus.PART | {
        "Authorization": f"Bearer {client.token}",
        "Upload-Offset": str(start),
        "Content-Length": str(len(body) - start),
    }
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(memoryview(body)[start:stop])
    until(lambda: not unread(to.port or 0), "the gateway has taken what was sent")
    yield connection
    connection.close()


def unread(port: int) -> int:
    """Bytes for this port of the machine that it holds until somebody reads them; see proc(5)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    mine = [row for row in rows if row[1].endswith(f":{port:04X}") and row[3] != LISTENS]
    return sum(int(row[4].partition(":")[2], 16) for row in mine)


def test_an_upload_goes_on_after_each_cut_with_little_sent_again(
    stack: Stack, user: User, mongo: Mongo, content: bytes
) -> None:
    draw = random.Random(SIZE)  # noqa: S311 to be repeated, not secret
    stops = sorted(draw.sample(range(1, SIZE), CUTS))
    kills = set(draw.sample(stops, KILLS))
    url = tus.begun(user.client, SIZE)
    at = 0
    for stop in stops:
        with own_gateway(stack) as gateway:
            client = Client(gateway.url, user.client.token)
            with part_sent(client, url, content, at, max(at, stop)):
                if stop in kills:
                    gateway.kill()
        at = tus.offset(user.client, url)
        assert stop - at <= AGAIN
    assert tus.add(user.client, url, at, content[at:]).status_code == 204
    assert files.content(mongo["videos"], tus.id_of(url)) == content


def reset_after(client: Client, url: str, content: bytes, start: int, stop: int) -> int:
    """Send that part on a connection which is reset then; how far the upload has come."""
    with part_sent(client, url, content, start, stop) as connection:
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)

    def far_enough() -> int:
        at = tus.offset(client, url)
        return at if stop - at <= PIECE else 0

    return until(far_enough, "what came stays")


def test_a_link_that_resets_after_a_few_hundred_kilobytes_gets_a_file_through(
    user: User, content: bytes
) -> None:
    url, at = tus.begun(user.client, SIZE), 0
    for _ in range(3):
        at = reset_after(user.client, url, content, at, at + 600_000)


def nearly_whole(user: User, content: bytes) -> tuple[str, ObjectId]:
    """The address and the id of an upload that lacks its last byte."""
    url = tus.begun(user.client, len(content))
    tus.add(user.client, url, 0, content[:-1])
    return url, tus.id_of(url)


def test_without_the_broker_a_whole_upload_is_a_job_that_is_announced_later(
    stack: Stack, user: User, mongo: Mongo, content: bytes
) -> None:
    url = tus.begun(user.client, SIZE)
    with stack.stopped("rabbitmq"):
        answer = tus.add(user.client, url, 0, content)
        assert (answer.status_code, answer.headers["X-Job-Id"]) == (204, url.rpartition("/")[2])
        (job,) = files.videos_of(mongo, user.email)
        assert job["metadata"]["state"] == "queued"
        assert "confirmed" not in job["metadata"]


def test_a_gateway_that_died_before_it_made_the_job_is_made_up_for(
    user: User, mongo: Mongo, content: bytes
) -> None:
    """All has come and is noted, and the client, which had no answer, asks how far it is."""
    url, upload_id = nearly_whole(user, content)
    uploads = mongo["videos"]["uploads"]
    (tail,) = (found["tail"] for found in uploads.find({"_id": upload_id}))
    uploads.update_one({"_id": upload_id}, {"$set": {"tail": tail + content[-1:]}})
    for _ in range(2):
        answer = user.client.request("HEAD", url, tus.VERSION)
        assert answer.headers["Upload-Offset"] == str(len(content))
        assert answer.headers["X-Job-Id"] == str(upload_id)
    assert files.content(mongo["videos"], upload_id) == content
    assert uploads.count_documents({"_id": upload_id}) == 0


def test_an_upload_whose_bytes_are_lost_is_over_and_begins_anew(
    user: User, mongo: Mongo, content: bytes
) -> None:
    """As after a restore: its record is there, and not all of its chunks."""
    url, upload_id = nearly_whole(user, content)
    mongo["videos"]["fs.chunks"].delete_one({"files_id": upload_id, "n": 1})
    answer = tus.add(user.client, url, len(content) - 1, content[-1:])
    assert (answer.status_code, answer.text) == (410, "What had come of the upload is lost")
    assert user.client.request("HEAD", url, tus.VERSION).status_code == 404
    assert files.content(mongo["videos"], upload_id) == b""
    assert files.videos_of(mongo, user.email) == []
