"""What /uploads answers, by tus 1.0.0; every body is compared as it was stored."""

import base64
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from bson import ObjectId

from servicekit.gridfs.file import CHUNK_SIZE
from tests.support import files, tus
from tests.support.files import Mongo
from tests.support.users import NewUser, User

SIZE = 5 * CHUNK_SIZE + 12345
# Less than a chunk, the rest of it and a bit, several at once, none.
PARTS = (1000, CHUNK_SIZE, 2 * CHUNK_SIZE + 7, 0, 1)


@pytest.fixture(scope="module")
def content() -> bytes:
    return secrets.token_bytes(SIZE)


def test_what_the_server_can_is_told_without_a_token(user: User) -> None:
    user.client.token = ""
    answer = user.client.request("OPTIONS", "/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    assert "creation-with-upload" in answer.headers["Tus-Extension"].split(",")
    assert answer.headers["Tus-Max-Size"] == str(10 * 2**30)


def test_parts_of_any_size_make_the_same_file_and_one_job(
    user: User, mongo: Mongo, content: bytes
) -> None:
    url, at = tus.begun(user.client, SIZE), 0
    for size in (*PARTS, SIZE):
        answer = tus.add(user.client, url, at, content[at : at + size])
        at = min(at + size, SIZE)
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(at))
        assert tus.offset(user.client, url) == at
    assert answer.headers["X-Job-Id"] == str(tus.id_of(url))
    assert files.content(mongo["videos"], tus.id_of(url)) == content
    (document,) = files.videos_of(mongo, user.email)
    assert (document["filename"], document["length"]) == ("talk.mp4", SIZE)
    assert user.client.request("GET", f"/jobs/{tus.id_of(url)}").json()["filename"] == "talk.mp4"


def test_one_request_may_be_all(user: User, mongo: Mongo, content: bytes) -> None:
    answer = tus.begin(user.client, SIZE, content, bitrate="64k")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(SIZE))
    job = user.client.request("GET", f"/jobs/{answer.headers['X-Job-Id']}").json()
    assert job["options"] == {"bitrate": "64k"}
    assert files.content(mongo["videos"], ObjectId(job["id"])) == content


def test_an_unfinished_upload_is_no_job(user: User, content: bytes) -> None:
    answer = tus.begin(user.client, SIZE, content[:-1])
    assert answer.status_code == 201
    assert user.client.request("GET", "/jobs").json()["jobs"] == []
    job = tus.id_of(answer.headers["Location"])
    assert user.client.request("GET", f"/jobs/{job}").status_code == 404


def test_a_wrong_offset_is_a_409_and_changes_nothing(user: User, content: bytes) -> None:
    url = tus.begun(user.client, SIZE)
    tus.add(user.client, url, 0, content[:1000])
    for wrong in (0, 999, 1001, SIZE):
        assert tus.add(user.client, url, wrong, content[:10]).status_code == 409
    assert tus.offset(user.client, url) == 1000


def test_a_part_that_is_not_what_its_checksum_says_is_dropped(
    user: User, mongo: Mongo, content: bytes
) -> None:
    def checksum(body: bytes) -> str:
        return "sha256 " + base64.b64encode(hashlib.sha256(body).digest()).decode()

    url, half = tus.begun(user.client, SIZE), SIZE // 2
    sums = {"Upload_Checksum": checksum(content[:half])}
    assert tus.add(user.client, url, 0, content[:half][::-1], **sums).status_code == 460
    assert tus.offset(user.client, url) == 0
    assert tus.add(user.client, url, 0, content[:half], **sums).status_code == 204
    assert tus.add(user.client, url, half, content[half:]).status_code == 204
    assert files.content(mongo["videos"], tus.id_of(url)) == content


@pytest.mark.parametrize("checksum", ["crc32 x", "sha1 !", "sha1"])
def test_a_checksum_that_cannot_be_checked_is_a_400(user: User, checksum: str) -> None:
    url = tus.begun(user.client, SIZE)
    expected = 460 if checksum == "sha1" else 400
    assert tus.add(user.client, url, 0, b"x", Upload_Checksum=checksum).status_code == expected


def test_more_than_was_announced_is_a_413(user: User, mongo: Mongo, content: bytes) -> None:
    url = tus.begun(user.client, SIZE)
    assert tus.add(user.client, url, 0, content + b"x").status_code == 413
    assert tus.add(user.client, url, 0, content).status_code == 204
    assert files.content(mongo["videos"], tus.id_of(url)) == content


def test_an_upload_that_is_ended_leaves_nothing(user: User, mongo: Mongo, content: bytes) -> None:
    url = tus.begun(user.client, SIZE)
    tus.add(user.client, url, 0, content[:-1])
    assert user.client.request("DELETE", url, tus.VERSION).status_code == 204
    assert user.client.request("HEAD", url, tus.VERSION).status_code == 404
    assert files.content(mongo["videos"], tus.id_of(url)) == b""


def test_another_users_upload_is_not_there(user: User, new_user: NewUser, content: bytes) -> None:
    url, stranger = tus.begun(user.client, SIZE), new_user().client
    assert stranger.request("HEAD", url, tus.VERSION).status_code == 404
    assert tus.add(stranger, url, 0, content).status_code == 404
    assert stranger.request("DELETE", url, tus.VERSION).status_code == 404
    stranger.token = ""
    assert tus.add(stranger, url, 0, content).status_code == 401
    assert tus.offset(user.client, url) == 0


@pytest.mark.parametrize("upload_id", ["x", str(ObjectId()), "0" * 23])
def test_no_such_upload_is_a_404(user: User, upload_id: str) -> None:
    assert user.client.request("HEAD", f"/uploads/{upload_id}", tus.VERSION).status_code == 404


def test_another_version_is_a_412_that_names_ours(user: User) -> None:
    for version in ({}, {"Tus-Resumable": "0.2.2"}):
        answer = user.client.request("POST", "/uploads", version | {"Upload-Length": "1"})
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


def test_a_part_of_another_type_is_a_415(user: User) -> None:
    url = tus.begun(user.client, SIZE)
    assert tus.add(user.client, url, 0, b"x", Content_Type="video/mp4").status_code == 415


def test_a_client_without_patch_says_so(user: User, content: bytes) -> None:
    url = tus.begun(user.client, SIZE)
    headers = tus.PART | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert user.client.request("POST", url, headers, data=content[:10]).status_code == 204
    assert tus.offset(user.client, url) == 10


@pytest.mark.parametrize(
    ("headers", "status", "text"),
    [
        ({"Upload-Length": "x"}, 400, "Upload-Length must be a whole number"),
        ({"Upload-Length": "-1"}, 400, "Upload-Length must be a whole number"),
        ({"Upload-Defer-Length": "1"}, 400, "Upload-Length must be a whole number"),
        ({"Upload-Length": "0"}, 400, "The file is empty"),
        ({"Upload-Length": str(10 * 2**30 + 1)}, 413, "File too large"),
        ({"Upload-Length": "1"}, 400, "Upload-Metadata has no filename"),
        ({"Upload-Length": "1", "Upload-Metadata": "filename !"}, 400, "Upload-Metadata must be"),
        (
            {"Upload-Length": "1"} | tus.metadata(filename="a.mp4", bitrate="1k"),
            400,
            "bitrate must be",
        ),
    ],
)
def test_a_bad_beginning_is_refused_with_the_reason(
    user: User, headers: dict[str, str], status: int, text: str
) -> None:
    answer = user.client.request("POST", "/uploads", tus.VERSION | headers)
    assert answer.status_code == status
    assert answer.text.startswith(text)


def test_two_clients_on_one_upload_do_not_mix_their_bytes(user: User, mongo: Mongo) -> None:
    """Each sends other bytes: what is stored is one's, up to each offset that it was told."""
    url = tus.begun(user.client, SIZE)
    sent = [bytes([number]) * SIZE for number in range(4)]
    with ThreadPoolExecutor(len(sent)) as threads:
        answers = list(threads.map(lambda body: tus.add(user.client, url, 0, body), sent))
    assert {answer.status_code for answer in answers} <= {204, 409}
    at = tus.offset(user.client, url)
    if at < SIZE:
        assert tus.add(user.client, url, at, sent[0][at:]).status_code == 204
    stored = files.content(mongo["videos"], tus.id_of(url))
    assert len(stored) == SIZE
    assert len(set(stored[:at])) <= 1
