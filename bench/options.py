"""What `bench/run` can be asked; needs only Python, so it is checked before a stack starts."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Each is a module of bench/parts; without a name, all are measured in this order.
PARTS = {
    "quality": "the noise-to-mask ratio of the MP3s, by kind of sound",
    "conversion": "CPU, time and memory of a conversion, by kind of source",
    "small": "a job of one second, from `success!` to its mail",
    "long": "an hour of sound, alone on idle cores",
    "large": "a video of 1.8 GB, and the disk that its job takes",
    "memory": "the peak of the converter's processes",
    "stack": "CPU of all processes of the stack for a job of a minute",
    "growth": "1, 10, 60 and 240 minutes of sound; 1, 2, 4 and 8 workers",
    "upload": "uploads and downloads against the MongoDB driver's own streams",
    "transfer": "bytes through the gateway against nginx, the driver's inserts, a call alone",
    "archive": "a ZIP of 400 MP3s against one MP3 of as many bytes, and the memory",
    "slow": "what a user notices of a thousand slow clients, and their memory",
    "image": "the size of the converter's image, where there is a cluster",
}


@dataclass(frozen=True)
class Options:
    """The parts, and the sizes that a user gave; None stands for each part's own."""

    parts: tuple[str, ...]
    minutes: float | None = None
    megabytes: int | None = None
    runs: int = 3
    json: Path | None = None


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line; SystemExit with 2 and a message when it is wrong."""
    parser = argparse.ArgumentParser(
        prog="bench/run",
        allow_abbrev=False,  # the script looks for --help too
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures a local stack of its own against the plain ways to do the same work.",
        epilog="parts:\n" + "\n".join(f"  {name:<12}{what}" for name, what in PARTS.items()),
    )
    parser.add_argument("parts", metavar="PART", nargs="*", help="what to measure [all]")
    parser.add_argument("--minutes", type=_positive, help="length of the sound, or the longest one")
    parser.add_argument(
        "--megabytes", type=int, help="size of what large, upload, transfer and archive send"
    )
    parser.add_argument("--runs", type=int, default=3, help="interleaved runs of each way [3]")
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    found = parser.parse_args(arguments)
    if unknown := [name for name in found.parts if name not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    if found.runs < 1 or (found.megabytes is not None and found.megabytes < 1):
        parser.error("--runs and --megabytes must be at least 1")
    parts = tuple(name for name in PARTS if name in found.parts or not found.parts)
    return Options(parts, found.minutes, found.megabytes, found.runs, found.json)


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number <= 24 * 60:
        raise argparse.ArgumentTypeError("must be above 0 and at most a day, in minutes")
    return number


if __name__ == "__main__":
    parse(sys.argv[1:])
