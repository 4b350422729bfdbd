"""One scenario: uploads go on while faults come and go; then heal, wait and judge."""

import random
import threading
import time
from pathlib import Path

from tests.jepsen.scenarios import Fault
from tests.jepsen.verdict import Verdict, judge
from tests.jepsen.world import World
from tests.support.client import Client
from tests.support.log import say
from tests.support.stack import Stack
from tests.support.steady import SteadyLoad
from tests.support.users import PASSWORD, add_user, unused_email

RATE = 4  # uploads a second
BETWEEN = (3.0, 8.0)  # seconds of rest before a fault
HELD = (8.0, 20.0)  # seconds of a fault: longer than any server takes to notice it
SETTLED_WITHIN = 240.0  # seconds


def run(
    world: World, stack: Stack, clip: Path, fault: Fault, seconds: float, chance: random.Random
) -> Verdict:
    """Its verdict; the world is whole again."""
    email = unused_email()
    add_user(stack, email, PASSWORD)
    clients = [Client(gateway.url) for gateway in world.gateways]
    for client in clients:
        client.login(email, PASSWORD).raise_for_status()
    with SteadyLoad(clients, clip, RATE) as load:
        _make_faults(world, fault, seconds, chance)
    world.wait_until_whole()
    return _settle(world, email, load)


def _make_faults(world: World, fault: Fault, seconds: float, chance: random.Random) -> None:
    pause = threading.Event()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pause.wait(min(chance.uniform(*BETWEEN), seconds / 4))
        with fault(world, chance):
            pause.wait(min(chance.uniform(*HELD), seconds / 2))


def _settle(world: World, email: str, load: SteadyLoad) -> Verdict:
    """The first good verdict; the last one when none is good in time."""
    deadline = time.monotonic() + SETTLED_WITHIN
    pause = threading.Event()
    while True:
        verdict = judge(world, email, load.journal)
        if verdict.good or time.monotonic() > deadline:
            return verdict
        say(f"not yet: {verdict}")
        pause.wait(5)
