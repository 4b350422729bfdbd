"""The engine, as the tests call it."""

import threading
from pathlib import Path

import pytest

from convert.bounds import Bounds
from convert.media import MediaError
from convert.meter import Progress
from convert.source import Source
from convert.to_mp3 import to_mp3
from servicekit.jobs.options import Options


def convert(
    source: Path,
    target: Path,
    options: Options | None = None,
    *,
    max_duration: float = 3600,
    limit: float = 60,
    abort: threading.Event | None = None,
    progress: Progress = lambda percent: None,
) -> None:
    """Convert a file, with bounds that no test file comes near."""
    to_mp3(
        Source.of_file(source),
        target,
        options or Options(),
        Bounds(max_duration, limit),
        abort or threading.Event(),
        progress,
    )


def reason(
    source: Path, target: Path, options: Options | None = None, *, max_duration: float = 3600
) -> str:
    """What the user is told about a file that cannot be converted."""
    with pytest.raises(MediaError) as caught:
        convert(source, target, options, max_duration=max_duration)
    return str(caught.value)
