"""A user stores no more than USER_QUOTA_BYTES, and is told how much that is."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from tests.support import tus
from tests.support.client import Client
from tests.support.files import Mongo, orphans, store_mp3, store_video, videos_of
from tests.support.gateway import own_gateway
from tests.support.multipart import answer, begun_upload, form, part
from tests.support.process import Process
from tests.support.stack import Stack
from tests.support.users import NewUser, User
from tests.support.wait import until

QUOTA = 10_000_000
TIMEOUT = 30  # seconds
EXCEEDED = (413, "Quota exceeded")


@pytest.fixture(scope="module")
def gateway(stack: Stack) -> Iterator[Process]:
    """One with a quota."""
    with own_gateway(stack, USER_QUOTA_BYTES=str(QUOTA)) as process:
        yield process


@pytest.fixture
def client(gateway: Process, user: User) -> Client:
    """The user's, of that gateway."""
    return Client(gateway.url, user.client.token)


def usage(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.request("GET", "/usage").json()
    return found


def refusals(gateway: Process) -> float:
    """How many the quota has refused."""
    metrics = requests.get(f"http://127.0.0.1:{gateway.health_port}/metrics", timeout=TIMEOUT).text
    found = re.search(r'^video2mp3_refusals_total{limit="user_quota"} (.+)$', metrics, re.M)
    return float(found[1]) if found else 0


def told(response: requests.Response) -> tuple[int, str]:
    return response.status_code, response.text


def test_the_usage_counts_what_is_kept_of_the_users_own(
    client: Client, user: User, new_user: NewUser, mongo: Mongo
) -> None:
    job = store_video(mongo, user.email, b"x" * 1000)
    store_mp3(mongo, user.email, job, b"y" * 10)
    store_video(mongo, user.email, b"x" * 500, state="cancelled")
    store_video(mongo, user.email, b"x" * 500, removed=datetime.now(UTC))
    store_video(mongo, new_user().email, b"x" * 500)
    tus.begun(client, 200)

    assert usage(client) == {
        "videos": {"files": 2, "bytes": 1200},
        "mp3s": {"files": 1, "bytes": 10},
        "bytes": 1210,
        "quota": QUOTA,
    }


def test_a_deleted_job_gives_its_space_back(client: Client, user: User, mongo: Mongo) -> None:
    job = store_video(mongo, user.email, b"x" * QUOTA, state="done")
    body = form(part("file", b"x", "a.mp4"))
    assert told(client.send_form(body)) == EXCEEDED
    assert client.request("DELETE", f"/jobs/{job}").status_code == 204
    assert client.send_form(body).ok


def test_without_a_quota_there_is_none(user: User) -> None:
    nothing = {"files": 0, "bytes": 0}
    assert usage(user.client) == {"videos": nothing, "mp3s": nothing, "bytes": 0, "quota": None}


def test_an_upload_that_would_go_past_is_refused_before_its_body_is_read(
    gateway: Process, user: User, mongo: Mongo
) -> None:
    store_video(mongo, user.email, b"x" * 1_000_000)
    with begun_upload(gateway.url, user.client.token, QUOTA - 999_999) as connection:
        assert answer(connection) == EXCEEDED


def test_one_of_no_length_does_not_outgrow_it_and_leaves_nothing(
    client: Client, gateway: Process, user: User, mongo: Mongo
) -> None:
    video = store_video(mongo, user.email, b"x" * 2_000_000)
    before, counted = orphans(mongo), refusals(gateway)
    body = form(part("file", b"x" * (QUOTA - 2_000_000), "a.mp4"))
    pieces = (body[start : start + 500_000] for start in range(0, len(body), 500_000))

    assert told(client.send_form(pieces)) == EXCEEDED

    assert [one["_id"] for one in videos_of(mongo, user.email)] == [video]
    until(lambda: orphans(mongo) <= before, "nothing is left")
    assert refusals(gateway) == counted + 1


def test_of_two_at_once_that_do_not_fit_together_one_is_refused(
    gateway: Process, user: User, mongo: Mongo
) -> None:
    body = form(part("file", b"x" * 6_000_000, "a.mp4"))
    with (
        begun_upload(gateway.url, user.client.token, len(body)) as one,
        begun_upload(gateway.url, user.client.token, len(body)) as other,
    ):
        for connection in (one, other):
            connection.send(body[:-1])  # more than what waits in a socket: it is being read
        one.send(body[-1:])
        assert answer(one) == (200, "success!")
        other.send(body[-1:])
        assert answer(other) == EXCEEDED
    assert len(videos_of(mongo, user.email)) == 1


def test_a_resumable_upload_reserves_its_whole_length(client: Client) -> None:
    assert told(tus.begin(client, QUOTA + 1)) == EXCEEDED
    url = tus.begun(client, QUOTA)
    assert told(tus.begin(client, 1)) == EXCEEDED
    assert client.request("DELETE", url, tus.VERSION).status_code == 204
    assert usage(client)["bytes"] == 0
    tus.begun(client, 1)


def test_an_upload_that_there_is_is_never_refused(client: Client, user: User, mongo: Mongo) -> None:
    body = form(part("file", b"x", "a.mp4"))
    first = client.send_form(body, Idempotency_Key="once")
    assert first.ok
    store_video(mongo, user.email, b"x" * QUOTA)
    again = client.send_form(body, Idempotency_Key="once")
    assert (again.text, again.headers["X-Job-Id"]) == ("success!", first.headers["X-Job-Id"])
    assert told(client.send_form(body, Idempotency_Key="another")) == EXCEEDED


def test_who_asks_for_json_gets_its_code(client: Client, user: User, mongo: Mongo) -> None:
    store_video(mongo, user.email, b"x" * QUOTA)
    refused = client.send_form(form(part("file", b"x", "a.mp4")), Accept="application/json")
    assert refused.json()["code"] == "quota_exceeded"
