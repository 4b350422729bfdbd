"""Wait on conditions, never on time alone."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

INTERVAL = 0.05  # seconds between two calls of a condition


def until(condition: Callable[[], T], what: str, timeout: float = 20) -> T:
    """The first true value of `condition`; TimeoutError, naming `what`, when none comes."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout:g} s: {what}; last: {value!r}")
        pause.wait(INTERVAL)
    return value


def eventually(check: Callable[[], T], timeout: float = 30) -> T:
    """Like `until`, for a check that may raise; after the timeout its exception is raised."""
    deadline = time.monotonic() + timeout

    def attempt() -> T | None:
        try:
            return check()
        except Exception:
            if time.monotonic() > deadline:
                raise
            return None

    return until(attempt, "the check holds", timeout)  # type: ignore[return-value]
