"""MySQL's primary is killed under load: its read-only replica vouches for who is signed in."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support import media
from tests.support.auth import own_auth
from tests.support.client import Client
from tests.support.gateway import own_gateway
from tests.support.jobs import Jobs
from tests.support.load import check_all_ended
from tests.support.log import say
from tests.support.mailbox import Mailbox
from tests.support.mariadb import Replicated
from tests.support.process import Process
from tests.support.stack import Stack
from tests.support.steady import SteadyLoad
from tests.support.users import PASSWORD, unused_email
from tests.support.wait import until

RATE = 4  # uploads a second
AGAIN_WITHIN = 10.0  # seconds; the promise
SETTLED_WITHIN = 120.0  # seconds, on a machine that has other work
THREADS = 4  # of auth, each with a connection that it keeps


@pytest.fixture
def mysql(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicated]:
    with Replicated(stack, tmp_path_factory.mktemp("mysql")) as servers:
        yield servers


@pytest.fixture
def gateway(stack: Stack, mysql: Replicated) -> Iterator[Process]:
    """On the stack's servers; its auth knows the primary and the replica."""
    with own_auth(stack, THREADS=str(THREADS), **mysql.settings) as auth:
        address = urlsplit(auth.url).netloc
        with own_gateway(stack, AUTH_SVC_ADDRESS=address) as gateway:
            yield gateway


@pytest.fixture
def client(mysql: Replicated, gateway: Process, email: str) -> Client:
    """A user who is signed in."""
    return signed_in(mysql, gateway, email)


def signed_in(mysql: Replicated, gateway: Process, email: str) -> Client:
    mysql.primary.sql("INSERT INTO auth.user (email, password) VALUES (%s, %s)", email, PASSWORD)
    client = Client(gateway.url)
    client.login(email, PASSWORD).raise_for_status()
    return client


def signed_out(mysql: Replicated, gateway: Process) -> Client:
    """A user whose token is over, as the replica knows."""
    client = signed_in(mysql, gateway, unused_email())
    client.request("POST", "/logout").raise_for_status()
    mysql.wait_until_replicated()
    return client


def test_uploads_go_on_when_the_primary_is_killed_under_4_a_second(
    stack: Stack, mysql: Replicated, gateway: Process, client: Client, email: str, tmp_path: Path
) -> None:
    clip = media.with_sound(tmp_path / "clip.mp4", seconds=1)
    over = signed_out(mysql, gateway)
    with SteadyLoad([client], clip, RATE) as load:
        wait_for_more(load)
        killed = time.monotonic()
        mysql.primary.kill()
        assert over.request("GET", "/jobs").status_code == 401
        wait_for_more(load)
        mysql.primary.start()
        wait_for_more(load)
    assert {told.status for told in load.failures()} <= {503}
    out = max(load.last_failure() - killed, 0)
    say(f"{len(load.jobs)} accepted, {len(list(load.failures()))} refused within {out:.1f} s")
    assert out < AGAIN_WITHIN
    mysql.wait_until_replicated()
    with Jobs(stack.env["MONGODB_URI"]) as jobs:
        accepted = dict.fromkeys(load.jobs, "good")
        check_all_ended(accepted, email, jobs, Mailbox(stack.env["MAIL_DIR"]), SETTLED_WITHIN)


def wait_for_more(load: SteadyLoad) -> None:
    goal = len(load.jobs) + 3 * RATE
    until(lambda: len(load.jobs) >= goal, "uploads are accepted", SETTLED_WITHIN)


def test_logins_are_served_again_once_the_primary_is_back(
    mysql: Replicated, client: Client, email: str
) -> None:
    """The replica, to which each thread of auth then has a connection, takes no logins."""
    mysql.primary.kill()
    with ThreadPoolExecutor(2 * THREADS) as pool:
        answers = pool.map(lambda _: client.request("GET", "/jobs"), range(8 * THREADS))
        assert {answer.status_code for answer in answers} == {200}
    assert client.login(email, PASSWORD).status_code == 503
    mysql.primary.start()
    until(lambda: client.login(email, PASSWORD).ok, "a login", 60)
    assert {client.login(email, PASSWORD).status_code for _ in range(4 * THREADS)} == {200}
