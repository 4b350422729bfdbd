"""A short form: a few fields, none of them a file."""

from flask import request
from werkzeug.datastructures import MultiDict

MAX_FORM = 8 * 1024  # bytes


def short_form(most: int = MAX_FORM) -> MultiDict[str, str]:
    """The fields of the request; HTTPException, a 413, when they are more than `most` bytes."""
    request.max_content_length = most
    return request.form
