"""Which bytes of a file a request asks for (RFC 9110, sections 13 and 14)."""

import re

from flask import Request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

_ONE_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE | re.ASCII)


def requested(request: Request, length: int, etag: str) -> tuple[int, int] | None:
    """The range asked for, as (start, stop) with stop excluded, or None for the whole file.

    RequestedRangeNotSatisfiable when the file has no such bytes. The whole file answers what
    is not one range of bytes, as the RFC allows, and an If-Range of another version.
    """
    if_range = request.headers.get("If-Range")
    if if_range is not None and if_range != f'"{etag}"':
        return None
    return parse(request.headers.get("Range", ""), length)


def parse(header: str, length: int) -> tuple[int, int] | None:
    """The one range in a Range header's value, cut to `length`; None when it is to be ignored."""
    match = _ONE_RANGE.fullmatch(header)
    if not match or not (match[1] or match[2]):
        return None
    if match[1]:
        start, stop = int(match[1]), int(match[2]) + 1 if match[2] else length
        if stop <= start and match[2]:
            return None
    else:
        start, stop = max(length - int(match[2]), 0), length
    if start >= length:
        raise RequestedRangeNotSatisfiable(length)
    return start, min(stop, length)
