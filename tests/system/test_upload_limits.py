"""Uploads that are too large, too slow, broken off, or under way when the gateway ends."""

import http.client
import select
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pymongo
import pytest
import requests

from tests.support.client import Client
from tests.support.gateway import (
    FORM_TYPE,
    answer,
    begun_upload,
    form,
    orphans,
    own_gateway,
    part,
    videos_of,
)
from tests.support.stack import Stack
from tests.support.wait import until

User = tuple[str, Client]
Mongo = pymongo.MongoClient[dict[str, Any]]

GB = 10**9
LINGERING = 12  # let go one after another, two seconds each, they would take too long
FILE = part("file", b"x" * 6_000_000, "a.mp4")


@pytest.fixture(scope="module")
def strict(stack: Stack) -> Iterator[str]:
    """The URL of a gateway of little patience."""
    limits = {"UPLOAD_MAX_BYTES": "10000000", "UPLOAD_IDLE_TIMEOUT": "1", "MAX_JOBS_IN_FLIGHT": "1"}
    with own_gateway(stack, **limits) as (_, url):
        yield url


def test_a_length_above_the_limit_gets_413_before_the_body_is_read(strict: str, user: User) -> None:
    with begun_upload(strict, str(user[1].token), 10_000_001) as connection:
        assert answer(connection) == (413, "File too large")


def test_an_upload_that_grows_above_the_limit_gets_413_and_leaves_nothing(
    strict: str, user: User, mongo: Mongo
) -> None:
    before = orphans(mongo)
    body = form(part("file", b"x" * 10_000_000, "a.mp4"))
    pieces = (body[start : start + 500_000] for start in range(0, len(body), 500_000))
    client = Client(strict, user[1].token)

    answer = client.request("POST", "/upload", {"Content-Type": FORM_TYPE}, data=pieces)

    assert (answer.status_code, answer.text) == (413, "File too large")
    assert not videos_of(mongo, user[0])
    assert orphans(mongo) <= before


def test_a_client_that_stalls_gets_408_and_leaves_nothing(
    strict: str, user: User, mongo: Mongo
) -> None:
    before = orphans(mongo)
    with begun_upload(strict, str(user[1].token), 9_000_000) as connection:
        connection.send(FILE)
        assert answer(connection) == (408, "The upload stalled")
    assert not videos_of(mongo, user[0])
    assert orphans(mongo) <= before


def test_a_client_that_goes_away_leaves_nothing(stack: Stack, user: User, mongo: Mongo) -> None:
    before = orphans(mongo)
    with begun_upload(stack.env["GATEWAY_URL"], str(user[1].token), GB) as connection:
        connection.send(FILE)
        until(lambda: orphans(mongo) - before, "the first chunks are stored")
    until(lambda: orphans(mongo) <= before, "the chunks are removed")
    assert not videos_of(mongo, user[0])


def test_too_many_jobs_in_flight_get_429(strict: str, user: User, mongo: Mongo) -> None:
    queued = {"metadata": {"username": user[0], "state": "queued"}, "filename": "a.mp4"}
    job = mongo["videos"]["fs.files"].insert_one(queued).inserted_id
    try:
        with begun_upload(strict, str(user[1].token), 9_000_000) as connection:
            response = connection.getresponse()
            assert response.status == 429
            assert int(response.headers["Retry-After"]) > 0
    finally:
        mongo["videos"]["fs.files"].delete_one({"_id": job})


def test_clients_that_linger_keep_nobody_waiting(stack: Stack) -> None:
    with own_gateway(stack) as (_, url), ExitStack() as lingering:
        connections = [
            lingering.enter_context(begun_upload(url, "bad", GB)) for _ in range(LINGERING)
        ]
        for connection in connections:
            assert answer(connection) == (401, "Unauthorized")
        until(lambda: all(map(_was_closed, connections)), "all of them are let go", 15)
        assert requests.get(f"{url}/healthz", timeout=2).ok


def _was_closed(connection: http.client.HTTPConnection) -> bool:
    readable, _, _ = select.select([connection.sock], [], [], 0)
    return bool(readable)


def test_sigterm_lets_an_upload_in_flight_finish(stack: Stack, user: User, mongo: Mongo) -> None:
    body = form(FILE)
    with (
        own_gateway(stack) as (process, url),
        begun_upload(url, str(user[1].token), len(body)) as connection,
    ):
        connection.send(body[:5_000_000])
        until(lambda: orphans(mongo), "the first chunks are stored")
        process.signal(signal.SIGTERM)
        until(lambda: process.probe("/livez") == 0 or _refuses(url), "no more requests are taken")
        connection.send(body[5_000_000:])
        assert answer(connection) == (200, "success!")
        connection.close()
        until(lambda: not process.running, "the gateway has ended", 20)
    assert [video["length"] for video in videos_of(mongo, user[0])] == [6_000_000]


def _refuses(url: str) -> bool:
    try:
        return not requests.get(f"{url}/healthz", timeout=5).ok
    except requests.RequestException:
        return True
