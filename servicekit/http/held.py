"""Connections that wait without a thread, the oldest first."""

import time
from collections.abc import Iterator

from servicekit.http.client import Connection


class Held:
    """The connections in one state, each for `seconds` at most."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadlines: dict[Connection, float] = {}

    def __len__(self) -> int:
        return len(self._deadlines)

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._deadlines

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._deadlines))

    def add(self, connection: Connection) -> None:
        """It waits from now on."""
        self._deadlines[connection] = time.monotonic() + self._seconds

    def discard(self, connection: Connection) -> None:
        """It does not wait in this state."""
        self._deadlines.pop(connection, None)

    def oldest(self, waited: float = 0) -> Connection | None:
        """The one that has waited longest, if that is `waited` seconds at least."""
        oldest = next(iter(self._deadlines), None)
        if oldest and self._deadlines[oldest] - self._seconds + waited > time.monotonic():
            return None
        return oldest

    def expired(self) -> Iterator[Connection]:
        """Those that have waited too long, which the caller discards one by one."""
        now = time.monotonic()
        while (oldest := self.oldest()) and self._deadlines[oldest] <= now:
            yield oldest

    def hurry(self, seconds: float) -> None:
        """Whoever waits, and whoever comes, has `seconds` at most."""
        self._seconds = min(self._seconds, seconds)
        latest = time.monotonic() + seconds
        self._deadlines = {c: min(deadline, latest) for c, deadline in self._deadlines.items()}
