"""Cuts, kills and wrong clocks on three brokers and three mongods, under 4 uploads a second.

They run in network namespaces of this machine, which takes root; the local stack of LOCAL_DIR lends
its auth service. At the end of each scenario all is healed, and the journal of what clients were
told is held against what became of it: nothing may be lost, unexpected, doubled or left in a queue.
"""

import argparse
import random
import signal
import sys
import tempfile
from pathlib import Path

import requests

from tests.jepsen.network import missing
from tests.jepsen.run import run
from tests.jepsen.scenarios import SCENARIOS
from tests.jepsen.world import World
from tests.support import media
from tests.support.log import say
from tests.support.stack import Stack


def arguments() -> argparse.Namespace:
    """The command line; argparse ends the program with code 2 on misuse."""
    parser = argparse.ArgumentParser(prog="python -m tests.jepsen", description=__doc__)
    parser.add_argument("--scenario", choices=SCENARIOS, action="append", help="all by default")
    parser.add_argument("--seconds", type=float, default=180, help="of each; 180 by default")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--list", action="store_true", help="say what each scenario does, and end")
    return parser.parse_args()


def main() -> int:
    """0: all is proved. 1: not. 2: misuse, or this machine lacks something."""
    options = arguments()
    if options.list:
        for name, fault in SCENARIOS.items():
            sys.stdout.write(f"{name:17} {fault.__doc__}\n")
        return 0
    if lack := missing():
        sys.stderr.write(f"tests.jepsen: {lack}\n")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the machines are removed
    stack = Stack.up()
    good = True
    with tempfile.TemporaryDirectory() as folder:
        clip = media.with_sound(Path(folder) / "clip.mp4", 1)
        for name in options.scenario or SCENARIOS:
            say(f"{name}: {options.seconds:g} s, seed {options.seed}")
            chance = random.Random(options.seed)  # noqa: S311 to be repeated, not to be secret
            good = _is_good(stack, clip, name, options.seconds, chance) and good
    return 0 if good else 1


def _is_good(stack: Stack, clip: Path, name: str, seconds: float, chance: random.Random) -> bool:
    """One scenario, in a world of its own: what one breaks does not spoil the next."""
    try:
        with World(stack) as world:
            verdict = run(world, stack, clip, SCENARIOS[name], seconds, chance)
    except (TimeoutError, requests.RequestException) as error:
        say(f"{name}: BAD: {error}")
        return False
    say(f"{name}: {'good' if verdict.good else 'BAD'}: {verdict}")
    return verdict.good


if __name__ == "__main__":
    sys.exit(main())
