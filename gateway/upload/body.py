"""The bytes of a request, in large pieces, within a size and an idle timeout."""

import math
from collections.abc import Iterator

from flask import Request
from gunicorn.http.errors import NoMoreData, ParseException

import patience
from servicekit.http.errors import LimitError, RefusedError
from servicekit.http.problem import Code
from servicekit.metrics import gateway as metrics
from settings import UploadSettings
from upload import quota

READ_SIZE = 2**20  # bytes; below 256 KiB the form parser's fixed costs show (measured)


def pieces(
    request: Request, limits: UploadSettings, left: float = math.inf, size: int = READ_SIZE
) -> Iterator[bytes]:
    """The body as it arrives; RefusedError when it is too large, breaks off or stalls.

    `left` is how many bytes its user may still store. What breaks off within a piece of `size`
    bytes is lost.
    Read from the server itself: Flask's stream takes a stalled client for one that left.
    """
    _check_size(request.content_length or 0, limits.max_bytes, left)
    patience.with_upload(request, limits)
    stream, total = request.environ["wsgi.input"], 0
    try:
        while piece := stream.read(size):
            total += len(piece)
            _check_size(total, limits.max_bytes, left)
            metrics.UPLOAD_BYTES.inc(len(piece))
            yield piece
    except TimeoutError as error:
        raise LimitError(
            "upload_idle_timeout", "The upload stalled", 408, Code.UPLOAD_STALLED
        ) from error
    except (ConnectionError, NoMoreData, ParseException) as error:
        raise RefusedError("The upload was cut off", 400, Code.UPLOAD_CUT_OFF) from error
    if total < (request.content_length or 0):
        raise RefusedError("The upload was cut off", 400, Code.UPLOAD_CUT_OFF)


def _check_size(size: int, max_bytes: int, left: float) -> None:
    if size > max_bytes:
        raise too_large()
    if size > left:
        raise quota.exceeded()


def too_large() -> LimitError:
    """A 413: more than UPLOAD_MAX_BYTES, or than was announced."""
    return LimitError("upload_max_bytes", "File too large", 413, Code.FILE_TOO_LARGE)
