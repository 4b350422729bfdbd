"""What a client is told while a link behind the gateway is slow, late, silent, one-way or torn."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import requests

from tests.support import media, users
from tests.support.auth import own_auth
from tests.support.client import UNAVAILABLE_WITHIN
from tests.support.every_request import KINDS, WAIT, Ending, EveryRequest
from tests.support.files import Mongo
from tests.support.gateway import own_gateway
from tests.support.process import Process
from tests.support.relay import Relay
from tests.support.stack import Stack
from tests.support.toxics import Late, OneWay, ResetAfter, Silent, Slow, Toxic
from tests.support.users import User
from tests.support.wait import until

CROWD = 40  # lists that are asked for at once
THREADS = 96  # of a gateway, by default
ALIVE_WITHIN = 1.0  # seconds for what needs no server behind the gateway
WELL_WITHIN = 30.0  # seconds
CLEAN_WITHIN = 60.0  # seconds: a removal that failed is repeated more and more seldom
FORM = 10  # bytes
PASSWORD_HEAD = (
    b"POST /password HTTP/1.1\r\nHost: gateway\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % FORM
)

TOXICS = {
    "slow": Slow(1000),
    "late": Late(5),
    "late, within each timeout": Late(2),
    "silent": Silent(),
    "only to the server": OneWay(to_server=True),
    "only to the client": OneWay(to_server=False),
    "reset": ResetAfter(300),
}


@dataclass(frozen=True)
class Behind:
    """A gateway with default settings, and the links behind it that are bad."""

    gateway: Process
    links: tuple[Relay, ...]


@pytest.fixture(scope="module")
def behind(stack: Stack) -> Iterator[dict[str, Behind]]:
    """One for each link."""
    env = stack.env
    with ExitStack() as exits:

        def relay(url: str) -> Relay:
            return exits.enter_context(Relay(url))

        def gateway(*links: Relay, **settings: str) -> Behind:
            return Behind(exits.enter_context(own_gateway(stack, **settings)), links)

        auth, mongodb = relay(env["AUTH_URL"]), relay(env["MONGODB_URI"])
        rabbitmq = relay(stack.broker_url("gateway"))
        mysql = relay(f"mysql://{env['MYSQL_HOST']}:{env['MYSQL_PORT']}")
        behind_mysql = exits.enter_context(own_auth(stack, MYSQL_PORT=str(mysql.port)))
        three = (
            relay(env["AUTH_URL"]),
            relay(env["MONGODB_URI"]),
            relay(stack.broker_url("gateway")),
        )
        yield {
            "auth": gateway(auth, AUTH_SVC_ADDRESS=auth.address),
            "MongoDB": gateway(mongodb, MONGODB_URI=mongodb.url),
            "RabbitMQ": gateway(rabbitmq, RABBITMQ_URL=rabbitmq.url),
            "MySQL": gateway(mysql, AUTH_SVC_ADDRESS=urlsplit(behind_mysql.url).netloc),
            "all three": gateway(
                *three,
                AUTH_SVC_ADDRESS=three[0].address,
                MONGODB_URI=three[1].url,
                RABBITMQ_URL=three[2].url,
            ),
        }


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return media.with_sound(tmp_path_factory.mktemp("clip") / "clip.mp4", 1).read_bytes()


@pytest.mark.parametrize("toxic", TOXICS.values(), ids=TOXICS)
def test_a_bad_link_means_honest_answers_in_time_and_leaves_nothing(
    toxic: Toxic, behind: dict[str, Behind], stack: Stack, mongo: Mongo, clip: bytes
) -> None:
    requests_of = {
        name: EveryRequest(users.new_user(stack), one.gateway.url, mongo, clip)
        for name, one in behind.items()
    }

    def check(name: str) -> list[str]:
        problems = _problems(behind[name], requests_of[name], toxic)
        return [f"{name}: {problem}" for problem in problems]

    with ThreadPoolExecutor(len(behind)) as threads:
        found = [problem for some in threads.map(check, behind) for problem in some]
    assert not found, "\n".join(found)


def _problems(behind: Behind, every: EveryRequest, toxic: Toxic) -> list[str]:
    """What is not as promised while the links are bad, and after that."""
    until(lambda: _is_well(behind, every), "full service before", WELL_WITHIN)
    _leave_connections(every)
    for link in behind.links:
        link.poison(toxic)
    with ThreadPoolExecutor(CROWD + len(KINDS)) as threads:
        sent = [threads.submit(every.send, kind) for kind in (*KINDS, *["list"] * CROWD)]
        slowest = _slowest_beside(sent, behind.gateway.url)
    for link in behind.links:
        link.resume()
    found = [str(each.result()) for each in sent if not _in_time(each.result())]
    if slowest > ALIVE_WITHIN:
        found.append(f"/healthz or the page took {slowest:.1f} s")
    try:
        until(lambda: _is_well(behind, every), "full service", WELL_WITHIN)
        until(every.nothing_is_left, "nothing is left of what was refused", CLEAN_WITHIN)
    except TimeoutError as error:
        found.append(str(error))
    return found


def _leave_connections(every: EveryRequest) -> None:
    """Those that many requests at once have made: they are kept, and go bad too."""
    with ThreadPoolExecutor(CROWD) as threads:
        list(threads.map(every.send, ["list"] * CROWD))


def _in_time(ending: Ending) -> bool:
    patience = WAIT if ending.kind == "wait" else 0
    return ending.is_honest and ending.seconds <= UNAVAILABLE_WITHIN + patience


def _slowest_beside(sent: list[Future[Ending]], url: str) -> float:
    """The most seconds that /healthz or the page take while these requests are under way."""
    slowest = 0.0
    while wait_for(sent, timeout=0.1).not_done:
        for path in ("/healthz", "/"):
            started = time.monotonic()
            assert requests.get(url + path, timeout=UNAVAILABLE_WITHIN).ok
            slowest = max(slowest, time.monotonic() - started)
    return slowest


def _is_well(behind: Behind, every: EveryRequest) -> bool:
    """Whether every kind of request is served, and all threads are free."""
    with ThreadPoolExecutor(len(KINDS)) as threads:
        endings = list(threads.map(every.send, KINDS))
    return all(ending.is_true for ending in endings) and _has_all_threads(behind.gateway.url)


def _has_all_threads(url: str) -> bool:
    """Whether one request is answered while all threads but one wait for a client's form."""
    with ExitStack() as exits:
        for form in [b"x"] * (THREADS - 1) + [b"x" * FORM]:
            address = ("127.0.0.1", urlsplit(url).port)
            last = exits.enter_context(socket.create_connection(address, ALIVE_WITHIN))
            last.sendall(PASSWORD_HEAD + form)
        try:
            return last.recv(1024).startswith(b"HTTP/1.1 401")
        except TimeoutError:
            return False


@pytest.mark.parametrize("toxic", [Silent(), OneWay(to_server=True), OneWay(to_server=False)])
def test_who_is_signed_in_goes_on_while_mysql_does_not_answer(
    toxic: Toxic, behind: dict[str, Behind], user: User, mongo: Mongo, clip: bytes
) -> None:
    one = behind["MySQL"]
    every = EveryRequest(user, one.gateway.url, mongo, clip)
    for link in one.links:
        link.poison(toxic)
    try:
        with ThreadPoolExecutor(CROWD) as threads:
            endings = list(threads.map(every.send, ["list"] * CROWD))
    finally:
        for link in one.links:
            link.resume()
    assert [ending for ending in endings if not (ending.is_true and _in_time(ending))] == []
    user.client.request("POST", "/logout").raise_for_status()
    until(lambda: every.send("list").status == 401, "an ended session is over again", 2)
