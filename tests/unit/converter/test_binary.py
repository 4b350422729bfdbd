"""The ffmpeg is the one that FFMPEG_BINARY names, or else moviepy's."""

import shutil
import sys
from pathlib import Path

import pytest

from convert.ffmpeg import binary


@pytest.fixture(autouse=True)
def asked_anew() -> None:
    binary.cache_clear()


def test_a_program_that_is_named_needs_no_moviepy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/python")  # so that nobody could be asked
    monkeypatch.setenv("FFMPEG_BINARY", "ffmpeg")
    assert binary() == shutil.which("ffmpeg")


def test_where_none_is_named_moviepy_names_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FFMPEG_BINARY", raising=False)
    assert "imageio_ffmpeg" in Path(binary()).parts
    assert Path(binary()).is_file()


def test_a_program_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFMPEG_BINARY", "/no/ffmpeg")
    with pytest.raises(FileNotFoundError, match="FFMPEG_BINARY: there is no program '/no/ffmpeg'"):
        binary()
