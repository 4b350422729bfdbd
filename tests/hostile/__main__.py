"""The corpus of hostile files through the engine, one after the other, as a table."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.hostile.all import named, quick
from tests.hostile.canaries import Canaries
from tests.hostile.corpus import Case, Lab
from tests.hostile.trial import Verdict, attempt, write

_ROW = "{:40} {:58} {:20} {:>6} {:>6} {:>7} {:>8}  {}"
_HEAD = _ROW.format("file", "attacks", "ended as", "s", "CPU s", "RSS MB", "wrote MB", "wrong")


def arguments() -> argparse.Namespace:
    """The command line; argparse ends the program with code 2 on misuse."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of files, with * [all]")
    parser.add_argument(
        "--quick", action="store_true", help="only those that are in the unit tests"
    )
    parser.add_argument("--jobs", type=int, default=1, help="files at the same time [1]")
    parser.add_argument("--list", action="store_true", help="only print names")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="only write the files there")
    return parser.parse_args()


def attempts(cases: Sequence[Case], jobs: int) -> Iterator[Verdict]:
    """The verdicts in the order of the cases, printed as they come."""
    _say(_HEAD)
    with ThreadPoolExecutor(jobs) as pool:
        for verdict in pool.map(attempt, cases):
            _say(_row(verdict))
            yield verdict


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _row(verdict: Verdict) -> str:
    case, ending, usage = verdict.case, verdict.ending, verdict.ending.usage
    return _ROW.format(
        case.name,
        case.attacks[:58],
        ending.ended,
        f"{usage.seconds:.1f}",
        f"{usage.cpu:.1f}",
        f"{ending.memory / 1e6:.0f}",
        f"{ending.written / 1e6:.1f}",
        "; ".join(verdict.broken),
    ).rstrip()


def _write(cases: Sequence[Case], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        with (
            tempfile.TemporaryDirectory(dir=folder) as name,
            Canaries(Path(name, "canaries")) as canaries,
        ):
            write(case, Lab(Path(name), canaries), folder / case.name)


def main() -> int:
    """0: every file ended well. 1: some did not. 2: misuse."""
    options = arguments()
    cases = quick() if options.quick else named(options.names or ["*"])
    if not cases:
        sys.stderr.write("no hostile file has such a name\n")
        return 2
    if options.list:
        _say("\n".join(case.name for case in cases))
        return 0
    if options.write:
        _write(cases, options.write)
        return 0
    verdicts = list(attempts(cases, options.jobs))
    bad = sum(bool(verdict.broken) for verdict in verdicts)
    _say(f"{len(verdicts)} files, {bad} ended badly")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
