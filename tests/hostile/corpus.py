"""What a hostile file is: how it is made, what it attacks, and how it may end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tests.hostile.canaries import Canaries
from tests.support import media

T = TypeVar("T")

LIMIT = 10.0  # seconds: the JOB_TIME_LIMIT of the run
MAX_DURATION = 600.0  # seconds of sound that the run takes
MP3 = "mp3"  # the ending of a file that became one; any other is a failure's code


@dataclass(frozen=True)
class Bounds:
    """What a file may cost: seconds of wall and CPU, megabytes (10^6) held and written.

    A second of an MP3 is 40 kB at most, so a few megabytes hold all that is short.
    """

    seconds: float = LIMIT + 3
    cpu: float = LIMIT + 2
    memory: float = 200.0
    written: float = 8.0


@dataclass(frozen=True)
class Lab:
    """What the maker of a file works with: a folder of its own, and the traps."""

    folder: Path
    canaries: Canaries

    def ffmpeg(self, name: str, *arguments: str) -> bytes:
        """What the machine's ffmpeg writes under that name."""
        return media.make(self.folder / name, *arguments).read_bytes()


Make = Callable[[Lab], bytes | Path]


@dataclass(frozen=True)
class Case:
    """One hostile file. `must` is the only right ending, None where any told one is.

    `options` are those of the upload's form.
    """

    name: str
    attacks: str
    make: Make
    must: str | None = None
    bounds: Bounds = Bounds()
    options: Mapping[str, str] = field(default_factory=dict)


CASES: dict[str, Case] = {}


def add(
    name: str,
    attacks: str,
    make: Make,
    *,
    must: str | None = None,
    bounds: Bounds = Bounds(),  # noqa: B008 frozen
    options: Mapping[str, str] | None = None,
) -> None:
    """Add a case to the corpus; ValueError for a name that is taken."""
    if name in CASES:
        raise ValueError(f"two hostile files are called {name}")
    CASES[name] = Case(name, attacks, make, must, bounds, options or {})


def add_each(
    attacks: str,
    makers: Mapping[str, Callable[[], T]],
    wrap: Callable[[T], bytes] | None = None,
    *,
    bounds: Bounds = Bounds(),  # noqa: B008 frozen
) -> None:
    """`add` a table of files, by name; `wrap` makes a file of what the makers return."""
    for name, make in makers.items():
        add(name, attacks, partial(_wrapped, make, wrap), bounds=bounds)


def _wrapped(make: Callable[[], Any], wrap: Callable[[Any], bytes] | None, lab: Lab) -> bytes:
    made: bytes = wrap(make()) if wrap else make()
    return made


def case(
    name: str,
    attacks: str,
    *,
    must: str | None = None,
    bounds: Bounds = Bounds(),  # noqa: B008 frozen
    options: Mapping[str, str] | None = None,
) -> Callable[[Make], Make]:
    """`add`, for a maker that is written as a function."""

    def register(make: Make) -> Make:
        add(name, attacks, make, must=must, bounds=bounds, options=options)
        return make

    return register
