"""Connections to auth that are kept for a few seconds, and shared by the gateway's threads."""

import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ReadTimeoutError

LIFE = 5.0  # seconds; Kubernetes gives a pod to a connection, so pods share the load by new ones
UNANSWERED = 2000  # milliseconds for the other end to confirm bytes, else the link is dead: tcp(7)

_SOCKET = [
    *HTTPConnection.default_socket_options,
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED),
]
_idle: deque[tuple[requests.Session, float]] = deque()  # with the time at which each is to end


class _Retry(Retry):
    """Three attempts, of which one at most may wait in vain for an answer: that takes the timeout.

    An auth pod that ends resets a kept connection, and may reset a new one too, which the system
    still took for it: the third attempt meets another pod.
    """

    def increment(self, *args: Any, **named: Any) -> Self:
        """The attempts that are left; raises the error when there is none."""
        error = named.get("error")
        waited = any(isinstance(earlier.error, ReadTimeoutError) for earlier in self.history)
        if waited and isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(*args, **named)


# Calls may be repeated: a login counts as one more attempt at worst. An answer is passed on, also
# one that says when to come again.
_RETRY = _Retry(
    total=2,
    status=0,
    allowed_methods=None,
    backoff_factor=0.2,
    respect_retry_after_header=False,
)


@contextmanager
def session() -> Iterator[requests.Session]:
    """A session of the caller's own, with a connection that an earlier caller left, or a new one.

    urllib3 looks whether the other end has closed it meanwhile, and connects again.
    """
    taken, end = _take()
    try:
        yield taken
    except BaseException:  # whatever it was, its connection may be amid an answer
        taken.close()
        raise
    _idle.append((taken, end))


def _take() -> tuple[requests.Session, float]:
    """The one that waits longest, so that all get their turn to be used, or to be closed."""
    while True:
        try:
            waiting, end = _idle.popleft()
        except IndexError:
            return _new(), time.monotonic() + LIFE
        if time.monotonic() < end:
            return waiting, end
        waiting.close()


def _new() -> requests.Session:
    made = requests.Session()
    made.trust_env = False  # a .netrc would replace the header, a proxy would see it
    made.mount("http://", _Adapter(max_retries=_RETRY))
    return made


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Connect with `_SOCKET`; requests has no setting for it."""
        super().init_poolmanager(*args, **options, socket_options=_SOCKET)
