"""MySQL that keeps silent: it is asked again a second later, and until then nobody waits for it.

Were every request to wait for a timeout, no thread would be left for those that need no answer.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from servicekit.errors import UnavailableError

SLOW = 1.0  # seconds after which a failure was a silence
AWAY = 1.0  # seconds in which nobody asks again


class Silence:
    """The last one, if there was any."""

    def __init__(self) -> None:
        self._until = 0.0

    def lasts(self) -> bool:
        """Whether nobody should ask now."""
        return time.monotonic() < self._until

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Inside MySQL is asked; an UnavailableError that took long begins a silence."""
        asked = time.monotonic()
        try:
            yield
        except UnavailableError:
            now = time.monotonic()
            if now - asked > SLOW:
                self._until = now + AWAY
            raise
