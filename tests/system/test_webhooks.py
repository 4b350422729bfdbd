"""Users say where their programs are told how jobs end, and check who tells them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from standardwebhooks.webhooks import WebhookVerificationError

from tests.support import tus
from tests.support.client import Client, assert_unavailable
from tests.support.gateway import own_gateway
from tests.support.media import silent, with_sound
from tests.support.receiver import Receiver
from tests.support.relay import Relay
from tests.support.stack import Stack
from tests.support.users import NewUser, User

URL = "https://example.com/hook"
REFUSED = (
    "must be an http or https URL of at most 2000 ASCII characters, without a login or fragment"
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def add(user: User, url: str) -> dict[str, Any]:
    added = user.client.request("POST", "/webhooks", data={"url": url})
    assert added.status_code == 201, added.text
    found: dict[str, Any] = added.json()
    assert added.headers["Location"] == f"/webhooks/{found['id']}"
    return found


def urls(user: User) -> list[str]:
    return [one["url"] for one in user.client.request("GET", "/webhooks").json()["webhooks"]]


def secret(user: User, method: str = "GET") -> str:
    return str(user.client.request(method, "/webhook-secret").json()["secret"])


def test_each_address_is_told_once_that_a_job_is_done(
    user: User, receiver: Receiver, tmp_path: Path
) -> None:
    add(user, f"{receiver.url}/1")
    add(user, f"{receiver.url}/2")
    clip = with_sound(tmp_path / "talk.mp4", 1)
    uploaded = user.client.upload(clip, webhook=f"{receiver.url}/1")
    job = user.client.request("GET", uploaded.headers["Location"] + "?wait=30").json()
    told = receiver.wait_for(2)
    assert len({one.id for one in told}) == 2
    for one in told:
        content = one.verified(secret(user))
        assert content["type"] == "job.done"
        job = user.client.request("GET", f"/jobs/{job['id']}").json()
        assert content["data"] == {
            "id": job["id"],
            "filename": "talk.mp4",
            "mp3_fid": job["mp3_fid"],
        }
        assert one.headers["content-type"] == "application/json"


def test_an_upload_names_an_address_of_its_own_also_one_that_resumes(
    user: User, receiver: Receiver, tmp_path: Path
) -> None:
    mute = silent(tmp_path / "mute.mp4", 1)
    first = user.client.upload(mute, webhook=f"{receiver.url}/1").headers["X-Job-Id"]
    second = tus.begin(
        user.client,
        len(mute.read_bytes()),
        mute.read_bytes(),
        "mute.mp4",
        webhook=f"{receiver.url}/2",
    ).headers["X-Job-Id"]
    told = [one.verified(secret(user)) for one in receiver.wait_for(2)]
    assert {one["data"]["id"] for one in told} == {first, second}
    for one in told:
        assert one["type"] == "job.failed"
        assert one["data"]["error_code"] == "no_audio_track"
        assert one["data"]["error"]


def test_a_new_secret_and_for_a_day_the_one_before_sign_it(
    user: User, new_user: NewUser, receiver: Receiver, tmp_path: Path
) -> None:
    before = secret(user)
    assert secret(user) == before
    after = secret(user, "POST")
    assert after != before
    user.client.upload(with_sound(tmp_path / "talk.mp4", 1), webhook=receiver.url)
    (told,) = receiver.wait_for(1)
    assert told.verified(before) == told.verified(after)
    with pytest.raises(WebhookVerificationError):
        told.verified(secret(new_user()))


def test_addresses_are_listed_and_removed_by_their_user_alone(
    user: User, new_user: NewUser
) -> None:
    added = add(user, URL)
    assert added == {
        "id": added["id"],
        "url": URL,
        "created": added["created"],
        "enabled": True,
        "outcome": None,
        "attempted": None,
    }
    assert add(user, URL) == added
    other = new_user()
    assert urls(other) == []
    for client, webhook in (
        (other.client, added["id"]),
        (user.client, str(ObjectId())),
        (user.client, "x"),
    ):
        answer = client.request("DELETE", f"/webhooks/{webhook}")
        assert (answer.status_code, answer.text) == (404, "Webhook not found")
    assert urls(user) == [URL]
    assert user.client.request("DELETE", f"/webhooks/{added['id']}").status_code == 204
    assert urls(user) == []


def test_a_user_has_ten_at_most(user: User) -> None:
    for number in range(10):
        add(user, f"{URL}/{number}")
    answer = user.client.request("POST", "/webhooks", data={"url": URL})
    assert (answer.status_code, answer.text) == (409, "You have 10 webhooks already")
    add(user, f"{URL}/9")


@pytest.mark.parametrize(
    "url", ["", "example.com", "ftp://example.com/", "https://a:b@c/", "https://c:22/"]
)
def test_what_is_no_address_of_the_web_is_refused(user: User, url: str, tmp_path: Path) -> None:
    answer = user.client.request("POST", "/webhooks", data={"url": url})
    assert (answer.status_code, answer.text) == (400, f"url {REFUSED}")
    if url:
        upload = user.client.upload(with_sound(tmp_path / "talk.mp4", 1), webhook=url)
        assert (upload.status_code, upload.text) == (400, f"webhook {REFUSED}")
        assert user.client.request("GET", "/jobs").json()["jobs"] == []


def test_without_mongodb_who_asks_gets_a_503_in_time(stack: Stack, user: User) -> None:
    with (
        Relay(stack.env["MONGODB_URI"]) as relay,
        own_gateway(stack, MONGODB_URI=relay.url) as gateway,
    ):
        client = Client(gateway.url, user.client.token)
        relay.cut()
        assert_unavailable(lambda: client.request("GET", "/webhooks"))
        assert_unavailable(lambda: client.request("POST", "/webhooks", data={"url": URL}))
        assert_unavailable(lambda: client.request("GET", "/webhook-secret"))
