"""Long polls: an answer at the next change, without letting them take all threads."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

INTERVAL = 0.5  # seconds between two looks at a job; its progress is written once a second


class LongPolls:
    """At most `places` long polls at a time: one more is answered at once."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)

    def until(self, wanted: Callable[[T], bool], look: Callable[[], T], seconds: float) -> T:
        """The first `look` that is `wanted`, or the last one after `seconds`."""
        seen = look()
        if wanted(seen) or seconds <= 0 or not self._places.acquire(blocking=False):
            return seen
        try:
            deadline = time.monotonic() + seconds
            while not wanted(seen) and time.monotonic() < deadline:
                time.sleep(min(INTERVAL, max(deadline - time.monotonic(), 0)))
                seen = look()
        finally:
            self._places.release()
        return seen
