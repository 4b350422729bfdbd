"""CPU and memory of processes and of all that they start, as Linux counts them in /proc."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from tests.support.closing import Closing

INTERVAL = 0.05  # seconds between two looks of a Peak
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
        return sum(_ticks(pid) for pid in self.pids()) / TICK

    def memory(self) -> float:
        """MiB that are resident in all of them; what two share counts twice."""
        return sum(_pages(pid) for pid in self.pids()) * PAGE / 2**20


class Peak(Closing):
    """A context manager that looks again and again, and keeps the `most` that it saw."""

    def __init__(self, look: Callable[[], float]) -> None:
        self.most = 0.0
        self._look = look
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            self.most = max(self.most, self._look())
            self._over.wait(INTERVAL)


def disk(folder: Path) -> float:
    """MiB that the files under a folder take; those that vanish meanwhile count nothing."""
    blocks = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            blocks += path.lstat().st_blocks
    return blocks * 512 / 2**20


def _children(pid: int) -> list[int]:
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it has ended
        return []
    return [int(child) for text in lists for child in text.split()]


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
