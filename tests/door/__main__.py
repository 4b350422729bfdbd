"""Random requests to every door of the services, on the local stack; counts the answers."""

import argparse
import random
import sys
import time

from tests.door.flood import Flood
from tests.support.stack import Stack


def arguments() -> argparse.Namespace:
    """The command line; argparse ends the program with code 2 on misuse."""
    parser = argparse.ArgumentParser(prog="python -m tests.door", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000, help="in all [10000]")
    parser.add_argument("--seconds", type=float, default=900, help="after which it stops [900]")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    return parser.parse_args()


def main() -> int:
    """0: nothing unexpected was answered, and a normal user was served after it."""
    options = arguments()
    started = time.monotonic()
    flood = Flood(Stack.up())
    flood.run(options.requests, options.seed, options.seconds)
    for door, counts in flood.counts.items():
        by_status = ", ".join(f"{status}: {n}" for status, n in counts.most_common())
        sys.stdout.write(f"{door:18} {counts.total():6}  {by_status}\n")
    took = time.monotonic() - started
    sys.stdout.write(f"seed {options.seed}, {took:.0f} s, {len(flood.wrong)} wrong\n")
    sys.stdout.writelines(f"{text}\n" for text in flood.wrong)
    return 1 if flood.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
