"""Uploads that are too large, stalled, broken off, or in flight when the gateway ends."""

import http.client
import select
import signal
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from tests.support.client import Client
from tests.support.files import Mongo, orphans, videos_of
from tests.support.gateway import own_gateway
from tests.support.multipart import answer, begun_upload, form, part
from tests.support.stack import Stack
from tests.support.users import User
from tests.support.wait import until

GB = 10**9
LINGERING = 12  # clients; closed one after another, two seconds each, they would take too long
FILE = part("file", b"x" * 6_000_000, "a.mp4")


@pytest.fixture(scope="module")
def strict(stack: Stack) -> Iterator[str]:
    """The URL of a gateway with low limits."""
    limits = {"UPLOAD_MAX_BYTES": "10000000", "UPLOAD_IDLE_TIMEOUT": "1", "MAX_JOBS_IN_FLIGHT": "1"}
    with own_gateway(stack, **limits) as gateway:
        yield gateway.url


def test_a_length_above_the_limit_gets_413_before_the_body_is_read(strict: str, user: User) -> None:
    with begun_upload(strict, user.client.token, 10_000_001) as connection:
        assert answer(connection) == (413, "File too large")


def test_an_upload_that_grows_above_the_limit_gets_413_and_leaves_nothing(
    strict: str, user: User, mongo: Mongo
) -> None:
    before = orphans(mongo)
    body = form(part("file", b"x" * 10_000_000, "a.mp4"))
    pieces = (body[start : start + 500_000] for start in range(0, len(body), 500_000))
    client = Client(strict, user.client.token)

    answer = client.send_form(pieces)

    assert (answer.status_code, answer.text) == (413, "File too large")
    assert not videos_of(mongo, user.email)
    assert orphans(mongo) <= before


def test_a_client_that_stalls_gets_408_and_leaves_nothing(
    strict: str, user: User, mongo: Mongo
) -> None:
    before = orphans(mongo)
    with begun_upload(strict, user.client.token, 9_000_000) as connection:
        connection.send(FILE)
        assert answer(connection) == (408, "The upload stalled")
    assert not videos_of(mongo, user.email)
    assert orphans(mongo) <= before


def test_a_client_that_goes_away_leaves_nothing(stack: Stack, user: User, mongo: Mongo) -> None:
    before = orphans(mongo)
    with begun_upload(stack.env["GATEWAY_URL"], user.client.token, GB) as connection:
        connection.send(FILE)
        until(lambda: orphans(mongo) - before, "the first chunks are stored")
    until(lambda: orphans(mongo) <= before, "the chunks are removed")
    assert not videos_of(mongo, user.email)


def test_too_many_jobs_in_flight_get_429(strict: str, user: User, mongo: Mongo) -> None:
    queued = {"metadata": {"username": user.email, "state": "queued"}, "filename": "a.mp4"}
    job = mongo["videos"]["fs.files"].insert_one(queued).inserted_id
    try:
        with begun_upload(strict, user.client.token, 9_000_000) as connection:
            response = connection.getresponse()
            assert response.status == 429
            assert int(response.headers["Retry-After"]) > 0
    finally:
        mongo["videos"]["fs.files"].delete_one({"_id": job})


def test_clients_that_linger_keep_nobody_waiting(stack: Stack) -> None:
    with own_gateway(stack) as gateway, ExitStack() as lingering:
        connections = [
            lingering.enter_context(begun_upload(gateway.url, "bad", GB)) for _ in range(LINGERING)
        ]
        for connection in connections:
            assert answer(connection) == (401, "Unauthorized")
        until(lambda: all(map(_was_closed, connections)), "all of them are closed", 15)
        assert requests.get(f"{gateway.url}/healthz", timeout=2).ok


def _was_closed(connection: http.client.HTTPConnection) -> bool:
    readable, _, _ = select.select([connection.sock], [], [], 0)
    return bool(readable)


def test_sigterm_lets_an_upload_in_flight_finish(stack: Stack, user: User, mongo: Mongo) -> None:
    body = form(FILE)
    with (
        own_gateway(stack) as gateway,
        begun_upload(gateway.url, user.client.token, len(body)) as connection,
    ):
        connection.send(body[:5_000_000])
        until(lambda: orphans(mongo), "the first chunks are stored")
        gateway.signal(signal.SIGTERM)
        until(
            lambda: gateway.probe("/livez") == 0 or not gateway.answers("/healthz"),
            "no more requests are taken",
        )
        connection.send(body[5_000_000:])
        assert answer(connection) == (200, "success!")
        connection.close()
        until(lambda: not gateway.running, "the gateway has ended", 20)
    assert [video["length"] for video in videos_of(mongo, user.email)] == [6_000_000]
