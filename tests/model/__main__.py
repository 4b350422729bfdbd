"""Stories of uploads and faults on the local stack, made up by hypothesis, each with its proof."""

import argparse
import random
import sys
import time

from tests.model.machine import HistoriesWithPurges
from tests.model.run import tell_stories
from tests.support.log import say
from tests.support.stack import Stack
from tests.support.workers import SHORT_DELAYS

LONG = 2000
WITHIN = 30.0  # seconds in which all comes to rest
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
    return parser.parse_args()


def main() -> int:
    """0: all stories held."""
    options = arguments()
    say(f"seed {options.seed}, {options.stories} stories of {options.steps} steps")
    Stack().down()
    stack = Stack.up(**SETTINGS, **COUNTS)
    started = time.monotonic()
    told = tell_stories(
        stack, HistoriesWithPurges, options.stories, options.steps, options.seed, WITHIN
    )
    say(f"all held, in {time.monotonic() - started:.0f} s: {dict(told)}")
    stack.down()
    return 0


if __name__ == "__main__":
    sys.exit(main())
