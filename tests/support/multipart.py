"""Multipart forms: whole, streamed, or sent by hand on an open connection."""

import http.client
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

BOUNDARY = "xYzZy"
FORM_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
TIMEOUT = 30  # seconds without a byte
PIECE = 1 << 20  # bytes

_END = f"--{BOUNDARY}--\r\n".encode()


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    """One part of a form; with a filename it is a file."""
    return _head(name, filename) + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    """A whole form."""
    return b"".join(parts) + _END


class StreamedForm:
    """A form with one file of `length` bytes, read as it is sent; `requests` would hold it."""

    def __init__(self, pieces: Iterable[bytes], length: int, filename: str, **fields: str) -> None:
        self._before = b"".join(part(name, value.encode()) for name, value in fields.items())
        self._before += _head("file", filename, "video/mp4")
        self._after = b"\r\n" + _END
        self._pieces, self._length = pieces, length

    @classmethod
    def of_file(cls, path: Path, filename: str, **fields: str) -> "StreamedForm":
        """A form with the file at `path`, under another name."""
        return cls(_pieces_of(path), path.stat().st_size, filename, **fields)

    def __len__(self) -> int:
        return len(self._before) + self._length + len(self._after)

    def __iter__(self) -> Iterator[bytes]:
        yield self._before
        yield from self._pieces
        yield self._after


@contextmanager
def begun_upload(url: str, token: str, length: int) -> Iterator[http.client.HTTPConnection]:
    """A connection on which the head of an upload of `length` bytes is sent, and no body yet."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)
    connection.putrequest("POST", "/upload")
    connection.putheader("Authorization", f"Bearer {token}")
    connection.putheader("Content-Type", FORM_TYPE)
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    try:
        yield connection
    finally:
        connection.close()


def answer(connection: http.client.HTTPConnection) -> tuple[int, str]:
    """The status and text that a begun upload gets."""
    response = connection.getresponse()
    return response.status, response.read().decode()


def _head(name: str, filename: str | None, content_type: str | None = None) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
    if filename is not None:
        head += f'; filename="{filename}"'
    if content_type is not None:
        head += f"\r\nContent-Type: {content_type}"
    return f"{head}\r\n\r\n".encode()


def _pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
