"""A client that does nothing with what it gets, so that the server is what is measured."""

import http.client
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT = 60  # seconds without a byte
_room = memoryview(bytearray(1 << 20))


@dataclass(frozen=True)
class Fetched:
    """Seconds until the first byte of the body and until its last, and its length."""

    first: float
    whole: float
    length: int


def fetch(url: str, path: str, **headers: str) -> Fetched:
    """GET, on a new connection; OSError when the answer is neither 200 nor 206."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)
    try:
        started = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        if answer.status not in (200, 206):
            raise OSError(f"GET {path}: {answer.status}")
        length = len(answer.read(1))
        first = time.perf_counter() - started
        while count := answer.readinto(_room):
            length += count
        return Fetched(first, time.perf_counter() - started, length)
    finally:
        connection.close()
