"""The same Idempotency-Key of the same user gives the same job, whatever happens."""

import concurrent.futures
import uuid
from pathlib import Path

import pytest
import requests

from tests.support import media
from tests.support.client import Client
from tests.support.files import Mongo, orphans, store_video, videos_of
from tests.support.gateway import own_gateway
from tests.support.multipart import form, part
from tests.support.relay import Relay
from tests.support.stack import Stack
from tests.support.users import NewUser, User
from tests.support.wait import until


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


def upload(client: Client, key: str) -> requests.Response:
    return client.send_form(form(part("file", b"x" * 5_000_000, "a.mp4")), Idempotency_Key=key)


def test_the_same_key_gives_the_same_job(user: User, key: str, mongo: Mongo) -> None:
    first, second = upload(user.client, key), upload(user.client, key)
    assert (second.status_code, second.text) == (200, "success!")
    assert second.headers["X-Job-Id"] == first.headers["X-Job-Id"]
    assert len(videos_of(mongo, user.email)) == 1


def test_the_same_key_at_the_same_time_gives_one_job(user: User, key: str, mongo: Mongo) -> None:
    before = orphans(mongo)
    with concurrent.futures.ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: upload(user.client, key), range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.headers["X-Job-Id"] for answer in answers}) == 1
    assert len(videos_of(mongo, user.email)) == 1
    assert orphans(mongo) <= before


def test_other_keys_and_other_users_get_other_jobs(user: User, key: str, new_user: NewUser) -> None:
    clients = [(user.client, key), (user.client, key + "x"), (new_user().client, key)]
    ids = {upload(client, own_key).headers["X-Job-Id"] for client, own_key in clients}
    assert len(ids) == 3


def test_a_key_is_free_again_after_its_job_is_deleted(user: User, key: str) -> None:
    first = upload(user.client, key).headers["X-Job-Id"]
    assert user.client.request("DELETE", f"/jobs/{first}").status_code == 204
    assert upload(user.client, key).headers["X-Job-Id"] != first


def test_a_key_is_free_after_a_failure(stack: Stack, user: User, key: str, mongo: Mongo) -> None:
    with (
        Relay(stack.broker_url("gateway")) as relay,
        own_gateway(stack, RABBITMQ_URL=relay.url) as gateway,
    ):
        client = Client(gateway.url, user.client.token)
        relay.cut()
        assert upload(client, key).status_code == 503
        assert not videos_of(mongo, user.email)
        relay.resume()
        assert upload(client, key).status_code == 200


def test_a_job_whose_gateway_died_before_the_message_gets_one_by_its_key(
    user: User, key: str, mongo: Mongo, tmp_path: Path
) -> None:
    video = media.with_sound(tmp_path / "a.mp4").read_bytes()
    job_id = store_video(mongo, user.email, video, state="queued", idempotency_key=key)
    assert upload(user.client, key).headers["X-Job-Id"] == str(job_id)
    show = f"/jobs/{job_id}?wait=10"
    until(lambda: user.client.request("GET", show).json()["state"] == "done", "it is converted", 60)


@pytest.mark.parametrize("bad", ["", "k" * 256, "a\tb"])
def test_a_bad_key_gets_400(user: User, bad: str) -> None:
    assert upload(user.client, bad).status_code == 400
