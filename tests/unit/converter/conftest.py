"""Real media files, made by the real ffmpeg, once a session."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import media

Make = Callable[..., Path]

TONE = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=4")
PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=64x64:rate=5:duration=4")
CODECS = ("-c:v", "mpeg4", "-c:a", "aac", "-b:a", "64k")


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """`make(name, *ffmpeg_arguments)` writes a file and returns its path."""
    folder = tmp_path_factory.mktemp("media")

    return lambda name, *arguments: media.make(folder / name, *arguments)


@pytest.fixture(scope="session")
def video(make: Make) -> Path:
    """Four seconds of picture and tone, the index at the end as most writers put it."""
    return make("video.mp4", *TONE, *PICTURE, *CODECS)


@pytest.fixture
def go() -> threading.Event:
    """An abort event that nobody sets."""
    return threading.Event()
