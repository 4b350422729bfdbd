"""What a downloaded MP3 is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from download.answer import disposition, mp3_name


@pytest.mark.parametrize(
    ("video", "mp3"),
    [("film.mp4", "film.mp3"), ("a.b.webm", "a.b.mp3"), ("film", "film.mp3"), (".mp4", ".mp4.mp3")],
)
def test_an_mp3_is_called_as_its_video(video: str, mp3: str) -> None:
    assert mp3_name(video) == mp3


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1))
def test_any_name_survives_the_header(name: str) -> None:
    header = disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert parse_options_header(header)[1]["filename"] == name


def test_old_clients_get_an_ascii_name() -> None:
    assert disposition('hä "x" 😀.mp3').startswith('attachment; filename="h_ _x_ _.mp3"; ')
