"""Faults at random under load, and the proof that follows them; run by `tests/chaos`."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.faults.log import say
from tests.faults.proof import prove
from tests.faults.random_faults import RandomFaults
from tests.support import media
from tests.support.load import Load
from tests.support.stack import Stack
from tests.support.users import new_user

LARGE_MB = 60


def samples(folder: Path) -> dict[str, Path]:
    """A file of each kind, by the names that `Load` knows."""
    return {
        "good": media.with_sound(folder / "good.mp4", 2),
        "silent": media.silent(folder / "silent.mp4", 2),
        "large": media.large(folder / "large.mkv", LARGE_MB),
        "corrupt": media.truncated(folder / "corrupt.mp4"),
    }


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
        files = samples(Path(folder))
        with Load(user.client, files, threads=3, pause=2) as load:
            faults.inject(options.minutes * 60)
    say(f"{dict(faults.counts)}; {len(load.accepted)} uploads accepted, {load.refused} refused")
    Stack.up()
    prove(stack, load, user.email)
    stack.down("--purge")
    return 0


if __name__ == "__main__":
    sys.exit(main())
