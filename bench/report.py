"""What was measured: as lines of text while it goes on, and as JSON at the end."""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TIMEOUT = 20  # seconds, of asking a program for its version


@dataclass(frozen=True)
class Spread:
    """The median of some runs, their extremes, and how many they were."""

    median: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of at least one value."""
        return cls(statistics.median(values), min(values), max(values), len(values))

    def __str__(self) -> str:
        if self.n == 1:
            return number(self.median)
        return f"{number(self.median)} ({number(self.low)}..{number(self.high)})"


@dataclass(frozen=True)
class Row:
    """One measure of ours, and the same of a plain way; `unit` says which."""

    part: str
    what: str
    unit: str
    ours: Spread
    plain: Spread | None = None
    against: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours to the plain way's; none without one, and none of decibels, which are ratios."""
        if self.plain is None or self.unit == "dB" or not self.plain.median:
            return None
        return self.ours.median / self.plain.median


def row(
    part: str,
    what: str,
    unit: str,
    ours: Sequence[float],
    plain: Sequence[float] | None = None,
    against: str = "",
) -> Row:
    """A row from the values of each run."""
    other = Spread.of(plain) if plain else None
    return Row(part, what, unit, Spread.of(ours), other, against)


def show(found: Row) -> None:
    """Print one line of the table."""
    plain = "" if found.plain is None else str(found.plain)
    ratio = "" if found.ratio is None else f"{found.ratio:.2f}"
    cells = [
        f"{found.part:<11}{found.what:<34}{found.unit:<7}{found.ours!s:>26}",
        f"{plain:>26}{ratio:>7}",
        f"n={found.ours.n:<3}{found.against}",
    ]
    sys.stdout.write("  ".join(cells).rstrip() + "\n")
    sys.stdout.flush()


def heading() -> None:
    """Print the names of the columns."""
    columns = f"{'part':<11}{'what':<34}{'unit':<7}{'ours: median (min..max)':>26}"
    sys.stdout.write(f"{columns}  {'plain: median (min..max)':>26}  ratio  n and plain way\n")


def save(rows: Iterable[Row], path: Path) -> None:
    """Write the rows and the machine that they were measured on."""
    found = [asdict(each) | {"ratio": each.ratio} for each in rows]
    path.write_text(json.dumps({"machine": machine(), "rows": found}, indent=1) + "\n")


def load(path: Path) -> tuple[dict[str, Any], list[Row]]:
    """What `save` wrote: the machine and the rows."""
    content = json.loads(path.read_text())
    return content["machine"], [_row(each) for each in content["rows"]]


def machine() -> dict[str, Any]:
    """The date, the processor, the cores, the memory in GiB, and the versions that matter."""
    cpuinfo = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(": ")[2] for line in cpuinfo if line.startswith("model name")]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    version = subprocess.run(
        ["ffmpeg", "-version"], check=True, capture_output=True, text=True, timeout=TIMEOUT
    ).stdout.split()[2]
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "GiB of memory": round(memory / 2**30),
        "ffmpeg by hand": version,
    }


def _row(fields: dict[str, Any]) -> Row:
    plain = fields["plain"]
    ours = Spread(**fields["ours"])
    kept = {name: fields[name] for name in ("part", "what", "unit", "against")}
    return Row(ours=ours, plain=Spread(**plain) if plain else None, **kept)


def number(value: float) -> str:
    """Three digits that count."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
