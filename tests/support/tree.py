"""CPU and memory of processes and of all that they start, as Linux counts them in /proc."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Tree:
    """Processes, their children, and theirs."""

    def __init__(self, roots: Iterable[int]) -> None:
        self._roots = list(roots)

    def pids(self) -> list[int]:
        """All that live now."""
        found: list[int] = []
        waiting = list(self._roots)
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            waiting += _children(pid)
        return found

    def cpu(self) -> float:
        """Seconds that they and the children that they waited for have used, to 0.01 s each.

        The difference of two calls is what was used in between.
        """
        return cpu(self.pids())

    def memory(self) -> float:
        """MiB that are resident in all of them; what two share counts twice."""
        return sum(_pages(pid) for pid in self.pids()) * PAGE / 2**20


def cpu(pids: Iterable[int]) -> float:
    """Seconds that these, and the children that they waited for, have used."""
    return sum(map(_ticks, pids)) / TICK


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):  # the process has ended
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):  # one of its threads has
                found += map(int, (thread / "children").read_text().split())
    return found


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11:15])  # utime, stime, cutime, cstime: proc(5)


def _pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
