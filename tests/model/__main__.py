"""Stories of uploads and faults on the local stack, made up by hypothesis, each with its proof."""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.model.machine import HistoriesOnThree, HistoriesWithPurges
from tests.model.run import tell_stories
from tests.model.servers import of_stack, of_three
from tests.support.log import say
from tests.support.stack import Stack
from tests.support.workers import SHORT_DELAYS

LONG = 2000
WITHIN = 30.0  # seconds in which all comes to rest
WITHIN_ON_THREE = 90.0  # two more brokers and mongods share this machine
# The stack of these stories is impatient, or each outage would cost minutes: seconds.
SETTINGS = SHORT_DELAYS | {
    "MONGODB_TIMEOUT": "2",
    "RABBITMQ_PUBLISH_TIMEOUT": "3",
    "ANNOUNCE_INTERVAL": "1",
    "ANNOUNCE_UNCONFIRMED_AFTER": "6",
    "ANNOUNCE_LOST_AFTER": "6",
    "ANNOUNCE_LIMIT": "100",  # a backlog may last longer than five announcements
}
COUNTS = {"GATEWAYS": "2", "AUTHS": "1", "CONVERTERS": "2", "NOTIFICATIONS": "2"}


def arguments() -> argparse.Namespace:
    """The command line; argparse ends the program with code 2 on misuse."""
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    parser.add_argument("--stories", type=int, default=60, help="how many [60]")
    parser.add_argument("--long", action="store_const", const=LONG, dest="stories", help=f"{LONG}")
    parser.add_argument("--steps", type=int, default=8, help="of each story [8]")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--three", action="store_true", help="on three brokers and three mongods")
    return parser.parse_args()


def _on_one(stack: Stack, options: argparse.Namespace) -> Counter[str]:
    many = (options.stories, options.steps, options.seed)
    return tell_stories(stack, of_stack(stack), HistoriesWithPurges, *many, WITHIN)


def _on_three(stack: Stack, options: argparse.Namespace) -> Counter[str]:
    many = (options.stories, options.steps, options.seed)
    with (
        tempfile.TemporaryDirectory(prefix="model-") as folder,
        of_three(stack, Path(folder)) as servers,
    ):
        try:
            return tell_stories(stack, servers, HistoriesOnThree, *many, WITHIN_ON_THREE)
        finally:
            stack.down()  # its services know no other servers than these


def main() -> int:
    """0: all stories held."""
    options = arguments()
    say(f"seed {options.seed}, {options.stories} stories of {options.steps} steps")
    Stack().down()
    stack = Stack.up(**SETTINGS, **COUNTS)
    started = time.monotonic()
    told = (_on_three if options.three else _on_one)(stack, options)
    say(f"all held, in {time.monotonic() - started:.0f} s: {dict(told)}")
    stack.down()
    return 0


if __name__ == "__main__":
    sys.exit(main())
