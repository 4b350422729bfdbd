"""The HTTP answers that carry an MP3, whole or in part, or several in one archive."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from flask import Request, Response
from werkzeug.datastructures import ContentRange

from download import archive, ranges
from download.archive import Entry
from download.names import disposition
from servicekit.gridfs.file import GridFile

Read = Callable[[int, int], Iterator[bytes]]
ReadFile = Callable[[GridFile], Iterator[bytes]]


@dataclass(frozen=True)
class Content:
    """What is to be sent: `length` bytes, which `read` gives from a start to a stop.

    `etag` names it for ever: a stored file never changes.
    """

    etag: str
    length: int
    modified: datetime
    name: str
    read: Read


def answer(request: Request, content: Content) -> Response:
    """200, 206 or 304 with `content`, of which nothing is read for HEAD.

    What its `read` raises for the first bytes comes through.
    """
    etag = content.etag
    if request.if_none_match.contains_weak(etag):
        response = Response(status=304)
    else:
        span = ranges.requested(request, content.length, etag)
        start, stop = span or (0, content.length)
        pieces = [] if request.method == "HEAD" else _begun(content.read(start, stop))
        response = Response(pieces, 206 if span else 200, mimetype="audio/mpeg")
        response.content_length = stop - start
        if span:
            response.content_range = ContentRange("bytes", start, stop, content.length)
        response.headers["Content-Disposition"] = disposition(content.name)
    response.set_etag(etag)
    response.last_modified = content.modified
    response.accept_ranges = "bytes"
    response.cache_control.no_store = True
    return response


def archive_answer(
    request: Request, entries: Sequence[Entry], name: str, read: ReadFile
) -> Response:
    """200 with the archive of `entries`; `read` gives a file's bytes, but none for HEAD.

    What `read` raises for the first of them comes through.
    """
    pieces = [] if request.method == "HEAD" else _begun(archive.pieces(entries, read))
    response = Response(pieces, mimetype="application/zip")
    response.content_length = archive.length(entries)
    response.headers["Content-Disposition"] = disposition(name)
    response.cache_control.no_store = True
    return response


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same, with the first piece read: a failure until there still has an answer of its own."""
    return chain([next(pieces, b"")], pieces)
