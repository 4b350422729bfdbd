"""A bounded number of places for what holds a thread for long, fair over those who ask."""

import threading
from collections import Counter
from contextlib import ExitStack

from servicekit.http.errors import RETRY_AFTER_S, LimitError


class Places:
    """Places of which a holder may have as many as are still free.

    A lone user gets half of them, and ten users who take all they can leave some for an eleventh
    (the dynamic threshold of Choudhury and Hahne, "Dynamic queue length thresholds", 1998).
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    def find(self, holder: str) -> ExitStack | None:
        """A place for `holder` until it is closed, or None where its share is used up."""
        with self._lock:
            if self._held.get(holder, 0) >= self._free:
                return None
            self._free -= 1
            self._held[holder] += 1
        place = ExitStack()
        place.callback(self._give_back, holder)
        return place

    def take(self, holder: str, limit: str) -> ExitStack:
        """A place for `holder`; a LimitError of `limit`, a 503, where its share is used up."""
        place = self.find(holder)
        if place is None:
            retry = str(RETRY_AFTER_S)
            raise LimitError(limit, "Service Unavailable", 503, Retry_After=retry)
        return place

    def _give_back(self, holder: str) -> None:
        with self._lock:
            self._free += 1
            self._held[holder] -= 1
            if not self._held[holder]:
                del self._held[holder]
