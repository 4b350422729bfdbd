"""Runs stories on a stack, as many as wanted, and shrinks one that does not hold."""

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.faults import Faults
from tests.model.machine import Histories
from tests.model.servers import Servers
from tests.model.user_story import World
from tests.support.jobs import Jobs
from tests.support.load import samples
from tests.support.log import say
from tests.support.stack import Stack

SECONDS, LARGE_MB = 1, 20  # of the files that are uploaded
# After its first ten stories, hypothesis mostly varies those that it has told: with a seed for each
# batch, all are new (measured: 30 of 60 were variations).
BATCH = 9


def tell_stories(
    stack: Stack,
    servers: Servers,
    kind: type[Histories],
    count: int,
    steps: int,
    number: int,
    within: float,
) -> Counter[str]:
    """`count` stories of so many steps; the same `number` as a seed gives the same ones.

    Returns what they were made of. Raises what did not hold, with the shortest story that was found
    for it.
    """
    with tempfile.TemporaryDirectory() as folder, Jobs(servers.mongodb_uri) as jobs:
        files = samples(Path(folder), SECONDS, LARGE_MB)
        world = World(stack, servers, jobs, Faults(stack, servers), files, within)
        for told in range(0, count, BATCH):
            batch = seed(number + told)(type(kind.__name__, (kind,), {"world": world}))
            some = _settings(min(BATCH, count - told), steps)
            try:
                run_state_machine_as_test(batch, settings=some)
            except Exception:  # whatever did not hold, its seed is what repeats it
                say(f"--seed {number + told} begins with what did not hold")
                raise
    return world.counts


def _settings(count: int, steps: int) -> settings:
    return settings(
        max_examples=count,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
