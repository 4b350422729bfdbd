"""Long polls: an answer at the next change, without letting them take all threads."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from servicekit.http.places import Places

T = TypeVar("T")

INTERVAL = 0.5  # seconds between two looks at a job; its progress is written once a second


@dataclass(frozen=True)
class LongPolls:
    """Long polls of who has a place: one more is answered at once."""

    places: Places

    def until(
        self, wanted: Callable[[T], bool], look: Callable[[], T], seconds: float, holder: str
    ) -> T:
        """The first `look` that is `wanted`, or the last one after `seconds`."""
        seen = look()
        if wanted(seen) or seconds <= 0 or not (place := self.places.find(holder)):
            return seen
        with place:
            deadline = time.monotonic() + seconds
            while not wanted(seen) and time.monotonic() < deadline:
                time.sleep(min(INTERVAL, max(deadline - time.monotonic(), 0)))
                seen = look()
        return seen
