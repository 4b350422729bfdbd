"""Connections to auth. Kubernetes gives a pod to each, so its pods share the load by new ones."""

import socket
import time
from typing import Any, Self

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import Retry
from urllib3.connection import HTTPConnection
from urllib3.exceptions import ReadTimeoutError

from servicekit.kept import LIFE, Kept

UNANSWERED = 2000  # milliseconds for the other end to confirm bytes, else the link is dead: tcp(7)

_SOCKET = [
    *HTTPConnection.default_socket_options,
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED),
]


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


class _Auth(HTTPAdapter):
    """One connection. urllib3 looks whether the other end has closed it, and connects again."""

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=_RETRY)
        self._end = time.monotonic() + LIFE

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Connect with `_SOCKET`; requests has no setting for it."""
        super().init_poolmanager(*args, **options, socket_options=_SOCKET)

    def is_good(self) -> bool:
        """Whether it is not old."""
        return time.monotonic() < self._end


_kept = Kept(_Auth)


def ask(
    method: str,
    url: str,
    headers: dict[str, str],
    form: dict[str, str] | None,
    timeout: tuple[float, float],
) -> Response:
    """What auth answers; requests.RequestException.

    `timeout` has the seconds to connect, and those to wait for more of the answer.
    """
    request = _request(method, url, headers, form)
    with _kept.one() as auth:
        answer = auth.send(request, timeout=timeout)
        _ = answer.content  # reads it, before the next caller has the connection
        return answer


def _request(
    method: str, url: str, headers: dict[str, str], form: dict[str, str] | None
) -> PreparedRequest:
    """Its parts, for a session takes half as long again for a call (measured).

    It would also look for a .netrc, which replaces the header, and for a proxy, which sees it.
    """
    request = PreparedRequest()
    request.prepare_method(method)
    request.url = url
    request.prepare_headers(headers)
    request.prepare_body(form, files=None)
    return request
