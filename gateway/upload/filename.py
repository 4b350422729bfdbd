"""What a stranger calls a file, made fit to be stored and sent back."""

import mimetypes
import unicodedata
from pathlib import PurePosixPath

MAX_LENGTH = 255  # characters, as most file systems
MAX_SUFFIX = 16  # longer ones are no extensions


def clean(name: str) -> str:
    """The last component of a path of any system, without control characters, of bounded length.

    Empty when nothing is left.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp"))
    visible = visible.strip()
    if visible in (".", ".."):
        return ""
    if len(visible) <= MAX_LENGTH:
        return visible
    suffix = PurePosixPath(visible).suffix
    suffix = suffix if len(suffix) <= MAX_SUFFIX else ""
    return visible[: MAX_LENGTH - len(suffix)] + suffix


def content_type(declared: str, name: str) -> str:
    """The type that the client declared, or else what the name suggests."""
    if declared and declared != "application/octet-stream":
        return declared
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
