"""What a client is told while a server behind the gateway is down, and that it passes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.support.client import Client, assert_unavailable
from tests.support.files import Mongo, store_mp3, store_video
from tests.support.gateway import own_gateway
from tests.support.multipart import FORM_TYPE, form, part
from tests.support.process import Process
from tests.support.relay import MONGO_FIND_CHUNKS, Relay
from tests.support.stack import Stack
from tests.support.users import User
from tests.support.wait import until

REQUESTS = [
    ("GET", "/download?fid=" + "0" * 24),
    ("GET", "/jobs"),
    ("GET", "/jobs/" + "0" * 24),
    ("DELETE", "/jobs/" + "0" * 24),
    ("POST", "/upload"),
]


@dataclass(frozen=True)
class Behind:
    """A gateway that reaches MongoDB and auth through relays."""

    process: Process
    client: Client
    mongodb: Relay
    auth: Relay


@pytest.fixture(scope="module")
def behind(stack: Stack) -> Iterator[Behind]:
    with (
        Relay(stack.env["MONGODB_URI"]) as mongodb,
        Relay(stack.env["AUTH_URL"]) as auth,
        own_gateway(stack, MONGODB_URI=mongodb.url, AUTH_SVC_ADDRESS=auth.address) as process,
    ):
        yield Behind(process, Client(process.url), mongodb, auth)


def assert_all_unavailable(client: Client, requests: list[tuple[str, str]]) -> None:
    headers = {"Content-Type": FORM_TYPE, "Authorization": f"Bearer {client.token}"}
    body = form(part("file", b"x", "a.mp4"))

    def check(request: tuple[str, str]) -> None:
        assert_unavailable(lambda: client.request(*request, headers, data=body))

    with ThreadPoolExecutor(len(requests)) as threads:
        list(threads.map(check, requests))  # raises what a check raised


@pytest.mark.parametrize("how", ["cut", "stall"])
def test_without_auth_everything_gets_503(behind: Behind, user: User, how: str) -> None:
    behind.client.token = user.client.token
    getattr(behind.auth, how)()
    try:
        assert_all_unavailable(behind.client, [*REQUESTS, ("POST", "/login")])
        assert behind.process.probe("/readyz") == 503
        assert behind.process.probe("/livez") == 200
    finally:
        behind.auth.resume()
    until(lambda: behind.process.probe("/readyz") == 200, "the gateway is ready again")


@pytest.mark.parametrize("how", ["cut", "stall"])
def test_without_mongodb_everything_gets_503(behind: Behind, user: User, how: str) -> None:
    behind.client.token = user.client.token
    getattr(behind.mongodb, how)()
    try:
        assert_all_unavailable(behind.client, REQUESTS)
        assert behind.process.probe("/readyz") == 503
    finally:
        behind.mongodb.resume()
    until(lambda: behind.process.probe("/readyz") == 200, "the gateway is ready again")
    assert behind.client.request("GET", "/jobs").status_code == 200


@pytest.mark.parametrize("fault", ["cut_after", "stall_after"])
def test_a_download_that_cannot_begin_is_a_503(
    behind: Behind, user: User, mongo: Mongo, fault: str
) -> None:
    behind.client.token = user.client.token
    mp3 = str(store_mp3(mongo, user.email, store_video(mongo, user.email)))
    assert behind.client.download(mp3).content == b"sound"
    getattr(behind.mongodb, fault)(MONGO_FIND_CHUNKS)
    try:
        assert_unavailable(lambda: behind.client.download(mp3))
        assert behind.mongodb.triggered.is_set()
    finally:
        behind.mongodb.resume()
    until(lambda: behind.client.download(mp3).ok, "downloads begin again")
