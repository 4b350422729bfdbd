"""The most that was seen of something which comes and goes: memory, or disk."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tests.support.closing import Closing

INTERVAL = 0.05  # seconds between two looks of a Peak


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
