"""The bodies of messages: JSON objects."""

import json
import re
from typing import Any

from servicekit.errors import PermanentError

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def fields_of(body: bytes) -> dict[str, Any]:
    """The object in `body`; PermanentError when there is none."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PermanentError("the message is not JSON") from error
    if not isinstance(fields, dict):
        raise PermanentError("the message is not a JSON object")
    return fields


def text_of(fields: dict[str, Any], name: str) -> str:
    """A text that is not empty; PermanentError when there is none.

    JSON's escapes can name half a character, which no mail and no log can encode.
    """
    value = fields.get(name)
    if not isinstance(value, str) or not value or _HALF_CHARACTER.search(value):
        raise PermanentError(f"the message has no {name}")
    return value


def number_of(fields: dict[str, Any], name: str, default: int | None = None) -> int:
    """A whole number from 0; PermanentError when it is none, or not there without a default."""
    value = fields.get(name, default)
    if type(value) is not int or value < 0:  # JSON's true is an int to isinstance
        raise PermanentError(f"the message's {name} are no number")
    return value
