"""What a normal user notices of a thousand slow clients of each kind, and what they take."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from bench.options import Options
from bench.peak import Peak
from bench.report import Row, row
from bench.service import Service
from tests.support import files
from tests.support.attack import Attack
from tests.support.stack import Stack

COUNT = 1000  # of each kind
SECONDS = 20.0  # of each kind, for each run
RUSH = 15.0  # seconds from when all have come, in which most of what they ask for is answered
ALL_AT_ONCE = ("half headers", "trickled bodies", "slow readers", "idle")


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """The waits in milliseconds, of all that the user does; the gateway's memory in MiB."""
    gateway = service.processes(*service.names("gateway"))
    with files.connect(os.environ["MONGODB_URI"]) as mongo:
        attack = Attack(Stack(), mongo, service.client.url)
        yield row("slow", "nobody is slow", "ms", _waits(attack, SECONDS))
        for kinds in (*((kind,) for kind in attack.kinds), ALL_AT_ONCE):
            what = kinds[0] if len(kinds) == 1 else "four kinds at once"
            with Peak(gateway.memory) as memory, attack.start(COUNT, *kinds):
                rush = _waits(attack, RUSH)
                waits = _waits(attack, SECONDS * options.runs)
            yield row("slow", f"{what}: the rush", "ms", rush)
            yield row("slow", what, "ms", waits)
            yield row("slow", f"{what}: memory", "MiB", [memory.most])


def _waits(attack: Attack, seconds: float) -> list[float]:
    waits: list[float] = []
    deadline = time.monotonic() + seconds
    while True:
        waits += [1000 * wait for wait in attack.normal.round().values()]
        if time.monotonic() >= deadline:
            return waits
