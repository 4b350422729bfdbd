"""What a client hears while something behind the gateway is down, and that it is not for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.support.client import Client
from tests.support.gateway import FORM_TYPE, form, own_gateway, part
from tests.support.process import Process
from tests.support.relay import Relay
from tests.support.stack import Stack
from tests.support.wait import until

BOUND = 15  # seconds within which a client must know
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
    with ExitStack() as stack_of:
        relays = [
            stack_of.enter_context(Relay("127.0.0.1", urlsplit(stack.env[name]).port or 0))
            for name in ("MONGODB_URI", "AUTH_URL")
        ]
        settings = {
            "MONGODB_URI": f"mongodb://127.0.0.1:{relays[0].port}",
            "AUTH_SVC_ADDRESS": f"127.0.0.1:{relays[1].port}",
        }
        process, url = stack_of.enter_context(own_gateway(stack, **settings))
        yield Behind(process, Client(url), *relays)


def assert_all_unavailable(client: Client, requests: list[tuple[str, str]]) -> None:
    headers = {"Content-Type": FORM_TYPE, "Authorization": f"Bearer {client.token}"}
    body = form(part("file", b"x", "a.mp4"))
    with ThreadPoolExecutor(len(requests)) as threads:
        answers = [threads.submit(client.request, *each, headers, data=body) for each in requests]
        for answer in (future.result() for future in answers):
            assert (answer.status_code, answer.text) == (503, "Service Unavailable")
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.elapsed.total_seconds() < BOUND


@pytest.mark.parametrize("how", ["cut", "stall"])
def test_without_auth_everything_gets_503(
    behind: Behind, user: tuple[str, Client], how: str
) -> None:
    behind.client.token = user[1].token
    getattr(behind.auth, how)()
    try:
        assert_all_unavailable(behind.client, [*REQUESTS, ("POST", "/login")])
        assert behind.process.probe("/readyz") == 503
        assert behind.process.probe("/livez") == 200
    finally:
        behind.auth.resume()
    until(lambda: behind.process.probe("/readyz") == 200, "the gateway is ready again")


@pytest.mark.parametrize("how", ["cut", "stall"])
def test_without_mongodb_everything_gets_503(
    behind: Behind, user: tuple[str, Client], how: str
) -> None:
    behind.client.token = user[1].token
    getattr(behind.mongodb, how)()
    try:
        assert_all_unavailable(behind.client, REQUESTS)
        assert behind.process.probe("/readyz") == 503
    finally:
        behind.mongodb.resume()
    until(lambda: behind.process.probe("/readyz") == 200, "the gateway is ready again")
    assert behind.client.request("GET", "/jobs").status_code == 200
