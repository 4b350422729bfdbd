"""Connections that are kept for a few seconds, and shared by the threads of a service."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar

LIFE = 5.0  # seconds; who takes part in the load, or in a failover, is found by new connections


class Connection(Protocol):
    """What is kept."""

    def is_good(self) -> bool:
        """Whether it may be used once more; it is no older than LIFE."""

    def close(self) -> Any:
        """It is not used any more."""


T = TypeVar("T", bound=Connection)


class Kept(Generic[T]):
    """Those of one kind, which `connect` makes."""

    def __init__(self, connect: Callable[[], T]) -> None:
        self._connect = connect
        self._idle: deque[T] = deque()

    def take(self) -> T:
        """One of the caller's own, that an earlier caller left, or a new one.

        Of those that are left the one that waits longest, so that all get their turn to be used, or
        to be closed. Raises what `connect` does.
        """
        while True:
            try:
                waiting = self._idle.popleft()
            except IndexError:
                return self._connect()
            if waiting.is_good():
                return waiting
            waiting.close()

    def give_back(self, connection: T) -> None:
        """Leave it to the next caller."""
        self._idle.append(connection)

    @contextmanager
    def one(self) -> Iterator[T]:
        """Take one, and give it back if all goes well."""
        connection = self.take()
        try:
            yield connection
        except BaseException:  # whatever it was, an answer may come that nobody waits for any more
            connection.close()
            raise
        self.give_back(connection)
