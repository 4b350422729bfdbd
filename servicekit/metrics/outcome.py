"""Something is counted by what becomes of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import Counter


@contextmanager
def counted(counter: Counter, good: str, bad: Mapping[type[Exception], str]) -> Iterator[None]:
    """Count what is inside as `good`, or as `bad` names what it raises, or as failed."""
    outcome = "failed"
    try:
        yield
        outcome = good
    except tuple(bad) as error:
        outcome = next(name for kind, name in bad.items() if isinstance(error, kind))
        raise
    finally:
        counter.labels(outcome).inc()
