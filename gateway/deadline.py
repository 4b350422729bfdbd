"""One deadline for all that a request waits for behind the gateway.

Each call has a timeout of its own, but on a slow link many calls that are all in time add up: an
upload with an idempotency key took 18 s where each answer of MongoDB came 2 s late (measured).
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from flask import Flask, g

from servicekit.amqp.broker import BrokerSettings
from servicekit.errors import UnavailableError
from servicekit.gridfs import mongodb

LIMIT = 12.0  # seconds, of the 15 in which a client gets its answer
REST = 2.5  # seconds after that, for one step that must not be left out
_NOTHING = 0.001  # seconds; 0 would be no limit


class Deadline:
    """Of one request: operations on MongoDB heed it by themselves, other calls ask what is left."""

    def __init__(self) -> None:
        self._ends = time.monotonic() + LIMIT
        self._limit = ExitStack()
        self._begin()

    def left(self, most: float) -> float:
        """`most` seconds, or as many as there are; UnavailableError when there are none."""
        left = min(most, self._ends - time.monotonic())
        if left <= 0:
            raise UnavailableError("the servers took all the time that a request has")
        return left

    def within(self, broker: BrokerSettings) -> BrokerSettings:
        """The same, for a publish that ends in time; UnavailableError when there is none."""
        return replace(broker, publish_timeout=self.left(broker.publish_timeout))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Inside, time does not count: a client sends as long as it likes."""
        self.end()
        started = time.monotonic()
        try:
            yield
        finally:
            self._ends += time.monotonic() - started
            self._begin()

    @contextmanager
    def rest(self) -> Iterator[None]:
        """Inside, the operations on MongoDB have `REST` seconds, whatever was used up before."""
        with self.paused(), mongodb.together(REST):
            yield

    def end(self) -> None:
        """No limit from now on."""
        self._limit.close()

    def _begin(self) -> None:
        left = max(self._ends - time.monotonic(), _NOTHING)
        self._limit.enter_context(mongodb.together(left))


def current() -> Deadline:
    """That of the request which is answered now."""
    deadline: Deadline = g.deadline
    return deadline


def register(app: Flask) -> None:
    """Give every request one; what a view streams comes after it."""

    def begin() -> None:
        g.deadline = Deadline()

    def end(_: BaseException | None) -> None:
        if begun := g.pop("deadline", None):  # none of what was refused before it began
            begun.end()

    app.before_request(begin)
    app.teardown_request(end)
