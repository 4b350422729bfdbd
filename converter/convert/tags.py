"""Tags that a user gave, handed to ffmpeg in a file: no word of a stranger is an argument."""

import re
from pathlib import Path

from servicekit.jobs.options import Options

_SPECIAL = re.compile(r"[=;#\\\n]")


def write(path: Path, options: Options) -> None:
    """Write the title, artist and album as ffmetadata (ffmpeg-formats, section Metadata)."""
    tags = {"title": options.title, "artist": options.artist, "album": options.album}
    lines = [f"{name}={_escaped(text)}" for name, text in tags.items() if text]
    path.write_text("\n".join([";FFMETADATA1", *lines, ""]), encoding="utf-8")


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: "\\" + match[0], text)
