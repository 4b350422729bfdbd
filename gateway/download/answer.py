"""The HTTP answer that carries an MP3, whole or in part."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import PurePosixPath
from urllib.parse import quote

from flask import Request, Response
from werkzeug.datastructures import ContentRange

from download import ranges
from servicekit.gridfs.file import GridFile

Read = Callable[[int, int], Iterator[bytes]]


def answer(request: Request, file: GridFile, name: str, read: Read) -> Response:
    """200, 206 or 304 for `file`; `read` gives its bytes from a start to a stop, but none for HEAD.

    What `read` raises for the first of them comes through. A file's id is its ETag, for a stored
    file never changes.
    """
    etag = str(file.id)
    if request.if_none_match.contains_weak(etag):
        response = Response(status=304)
    else:
        span = ranges.requested(request, file.length, etag)
        start, stop = span or (0, file.length)
        pieces = [] if request.method == "HEAD" else _begun(read(start, stop))
        response = Response(pieces, 206 if span else 200, mimetype="audio/mpeg")
        response.content_length = stop - start
        if span:
            response.content_range = ContentRange("bytes", start, stop, file.length)
        response.headers["Content-Disposition"] = disposition(name)
    response.set_etag(etag)
    response.last_modified = file.uploaded
    response.accept_ranges = "bytes"
    response.cache_control.no_store = True
    return response


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same, with the first piece read: a failure until there still has an answer of its own."""
    return chain([next(pieces, b"")], pieces)


def mp3_name(video_name: str) -> str:
    """What the MP3 of a video of this name is called."""
    return (PurePosixPath(video_name).stem or video_name) + ".mp3"


def disposition(name: str) -> str:
    """`attachment` with the name twice: in ASCII for old clients, and as RFC 6266 has it."""
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
