"""A thousand slow clients of one gateway, and a normal user who notices nothing.

`bench/run slow` measures it; the bounds here are wide.
"""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support import files
from tests.support.attack import Attack
from tests.support.gateway import own_gateway
from tests.support.process import Process
from tests.support.stack import Stack
from tests.support.tree import Tree
from tests.support.wait import until

COUNT = 1000  # of each kind
LOOK = 5.0  # seconds of each kind
MEDIAN, WORST = 1.0, 5.0  # seconds for anything that the normal user does, the rush included
MEMORY = 400  # MiB
RECOVERY = 5.0  # seconds
RUSH = 60.0  # seconds until all who came at once are answered
WAITING = "video2mp3_http_requests_waiting"


@pytest.fixture(scope="module")
def gateway(stack: Stack) -> Iterator[Process]:
    with own_gateway(stack) as process:
        yield process


@pytest.fixture(scope="module")
def attack(stack: Stack, gateway: Process) -> Iterator[Attack]:
    with files.connect(stack.env["MONGODB_URI"]) as mongo:
        yield Attack(stack, mongo, gateway.url)


@pytest.mark.parametrize(
    "kinds",
    [
        ["half headers"],
        ["trickled bodies"],
        ["slow readers"],
        ["idle"],
        ["send on after 401"],
        ["send on after 413"],
        ["trickle on after 401"],
        ["half headers", "trickled bodies", "slow readers", "idle"],
    ],
    ids=lambda kinds: " and ".join(kinds),
)
def test_a_normal_user_does_not_notice_a_thousand_slow_clients(
    gateway: Process, attack: Attack, kinds: list[str]
) -> None:
    attack.normal.round()
    waits: list[float] = []

    def rush_is_over() -> bool:
        waits.extend(attack.normal.round().values())
        return gateway.metric(WAITING) == 0

    with attack.start(COUNT, *kinds):
        until(rush_is_over, "all who came at once are answered", RUSH)
        deadline = time.monotonic() + LOOK
        while time.monotonic() < deadline:
            waits.extend(attack.normal.round().values())
        memory = Tree([gateway.pid]).memory()
    assert statistics.median(waits) <= MEDIAN, waits
    assert max(waits) <= WORST, waits
    assert memory <= MEMORY
    until(lambda: _full_service(attack), "full service", RECOVERY)


def _full_service(attack: Attack) -> bool:
    """Whether ten uploads at once find a place."""
    with ThreadPoolExecutor(10) as threads:
        uploads = [threads.submit(attack.normal.upload) for _ in range(10)]
        return all(each.exception() is None for each in uploads)
