"""Faults at random under load, and the proof that follows them; run by `tests/chaos`."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.faults.proof import prove
from tests.faults.random_faults import RandomFaults
from tests.support.load import Load, samples
from tests.support.log import say
from tests.support.stack import Stack
from tests.support.users import new_user

SECONDS, LARGE_MB = 2, 60  # of the files that are uploaded


def arguments() -> argparse.Namespace:
    """The command line; argparse ends the program with code 2 on misuse."""
    parser = argparse.ArgumentParser(prog="tests/chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    return parser.parse_args()


def main() -> int:
    """0: all is proved."""
    options = arguments()
    say(f"seed {options.seed}, {options.minutes:g} minutes")
    stack = Stack.up()
    user = new_user(stack)
    faults = RandomFaults(stack, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        files = samples(Path(folder), SECONDS, LARGE_MB)
        with Load(user.client, files, threads=3, pause=2) as load:
            faults.inject(options.minutes * 60)
    say(f"{dict(faults.counts)}; {len(load.accepted)} uploads accepted, {load.refused} refused")
    Stack.up()
    prove(stack, load, user.email)
    stack.down("--purge")
    return 0


if __name__ == "__main__":
    sys.exit(main())
