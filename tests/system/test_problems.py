"""Who asks for JSON is told by a code what went wrong, and everybody else as ever."""

from typing import Any

import pytest
import requests
from bson import ObjectId

from tests.support import tus
from tests.support.client import Client
from tests.support.files import Mongo, store_mp3, store_video
from tests.support.multipart import FORM_TYPE, form, part
from tests.support.users import PASSWORD, User

JSON = {"Accept": "application/json"}
PROBLEM = "application/problem+json"
NOBODY = ObjectId()
FORM = {"Content-Type": FORM_TYPE}


def refused(
    client: Client, method: str, path: str, headers: dict[str, str] | None = None, **options: Any
) -> tuple[int, str]:
    """The status and code of a refusal, which is the same for who asks for no JSON, as a text."""
    answer = client.request(method, path, (headers or {}) | JSON, **options)
    assert answer.headers["Content-Type"] == PROBLEM, answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    plain = client.request(method, path, headers, **options)
    assert (plain.status_code, plain.text) == (answer.status_code, problem["detail"])
    return answer.status_code, problem["code"]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/unknown", (404, "not_found")),
        ("PUT", "/jobs", (405, "method_not_allowed")),
        ("GET", "/jobs?limit=0", (400, "bad_request")),
        ("GET", f"/jobs/{NOBODY}", (404, "job_not_found")),
        ("GET", f"/jobs/{NOBODY}/mp3", (404, "job_not_found")),
        ("GET", f"/jobs/archive?ids={NOBODY}", (404, "job_not_found")),
        ("GET", f"/download?fid={NOBODY}", (404, "file_not_found")),
        ("GET", "/links/nonsense", (404, "file_not_found")),
        ("DELETE", f"/webhooks/{NOBODY}", (404, "webhook_not_found")),
        ("DELETE", "/keys/0123456789ab", (404, "key_not_found")),
        ("POST", "/registration", (403, "registration_closed")),
    ],
)
def test_each_refusal_has_its_code(
    user: User, method: str, path: str, expected: tuple[int, str]
) -> None:
    assert refused(user.client, method, path) == expected


def test_so_has_a_job_that_is_not_as_it_must_be(user: User, mongo: Mongo) -> None:
    queued, done = (store_video(mongo, user.email, state=state) for state in ("queued", "done"))
    store_mp3(mongo, user.email, done)
    assert refused(user.client, "GET", f"/jobs/{queued}/mp3") == (409, "no_mp3")
    assert refused(user.client, "POST", f"/jobs/{done}/retry") == (409, "job_not_failed")
    assert refused(user.client, "GET", f"/jobs/{done}/chapters") == (404, "no_chapters")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (form(part("file", b"", "a.mp4")), "file_empty"),
        (form(part("name", b"a")), "no_file"),
        (form(part("bitrate", b"loud"), part("file", b"x", "a.mp4")), "bad_option"),
        (part("file", b"x", "a.mp4"), "upload_cut_off"),
    ],
)
def test_so_has_a_file_that_is_not_taken(user: User, body: bytes, code: str) -> None:
    assert refused(user.client, "POST", "/upload", FORM, data=body) == (400, code)


def test_so_has_a_part_of_a_file(user: User) -> None:
    url = tus.begun(user.client, 10)
    at_five = tus.PART | {"Upload-Offset": "5"}
    wrong_sum = tus.PART | {"Upload-Offset": "0", "Upload-Checksum": "md5 AAAA"}
    patch = (user.client, "PATCH")
    assert refused(*patch, url, at_five, data=b"x") == (409, "offset_conflict")
    assert refused(*patch, url, wrong_sum, data=b"x") == (460, "checksum_mismatch")
    assert refused(*patch, f"/uploads/{NOBODY}", at_five) == (404, "upload_not_found")
    assert refused(*patch, url) == (412, "precondition_failed")
    assert refused(*patch, url, tus.VERSION) == (415, "unsupported_media_type")


def test_what_auth_refuses_comes_with_its_code(user: User) -> None:
    stranger = Client(user.client.url, "no token")
    assert refused(stranger, "GET", "/jobs") == (401, "unauthorized")
    assert refused(stranger, "POST", "/login", auth=(user.email, "wrong")) == (401, "unauthorized")
    key = user.client.request("POST", "/keys", data={"name": "mine"}).json()["key"]
    assert refused(Client(user.client.url, key), "GET", "/keys") == (403, "login_needed")
    ended = {"code": "of no mail", "password": "longer than eight"}
    assert refused(Client(user.client.url), "POST", "/password", data=ended) == (410, "code_ended")
    mine = requests.auth.HTTPBasicAuth(user.email, PASSWORD)
    short = refused(Client(user.client.url), "POST", "/password", auth=mine, data={"password": "x"})
    assert short == (400, "password_refused")
