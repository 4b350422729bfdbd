"""One POST to an address that a stranger chose."""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from urllib.parse import SplitResult, urlsplit

from hooks.addresses import Addresses

_PORTS = {"http": 80, "https": 443}


class UndeliveredError(Exception):
    """There was no answer; the text says why, for the user."""


def post(
    url: str, headers: Mapping[str, str], body: bytes, timeout: float, addresses: Addresses
) -> int:
    """The status of the answer; its body is not read, and a redirect not followed.

    The name is looked up once and what was found is checked and then connected to, so that it
    cannot stand for something else in between. All of it takes at most `timeout` seconds beside
    the look-up, which the resolver bounds. UndeliveredError without an answer.
    """
    parts = urlsplit(url)
    try:
        with _connected(parts, timeout, addresses) as sock, _cut_off(sock, timeout):
            return _status(parts, _secured(parts, sock), headers, body)
    except TimeoutError as error:
        raise UndeliveredError("no answer in time") from error
    except ssl.SSLError as error:
        raise UndeliveredError(f"no TLS: {error.reason or error}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise UndeliveredError(f"no answer: {type(error).__name__}") from error


@contextmanager
def _connected(parts: SplitResult, timeout: float, addresses: Addresses) -> Iterator[socket.socket]:
    """A connection to the first address of the host's that it may be."""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    found = [str(it[4][0]) for it in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    reachable = [address for address in found if addresses.may_reach(address)]
    if not reachable:
        raise UndeliveredError("its address is none of the Internet's")
    with closing(socket.create_connection((reachable[0], port), timeout)) as sock:
        yield sock


@contextmanager
def _cut_off(sock: socket.socket, timeout: float) -> Iterator[None]:
    """TimeoutError unless what is inside takes less than `timeout` seconds, byte by byte or not.

    A header that is cut off would be taken for a whole one.
    """
    over = threading.Event()

    def cut() -> None:
        over.set()
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(timeout, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if over.is_set():
            raise TimeoutError


def _secured(parts: SplitResult, sock: socket.socket) -> socket.socket:
    if parts.scheme == "http":
        return sock
    return ssl.create_default_context().wrap_socket(sock, server_hostname=parts.hostname)


def _status(
    parts: SplitResult, sock: socket.socket, headers: Mapping[str, str], body: bytes
) -> int:
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port)
    connection.sock = sock
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("POST", target, body, dict(headers))
    with connection.getresponse() as response:
        return response.status
