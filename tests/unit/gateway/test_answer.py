"""What the answer to a download says, and what the MP3 is called."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from download.answer import Content, answer
from download.names import disposition, mp3_name


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


def test_head_reads_nothing_of_the_file() -> None:
    def read(start: int, stop: int) -> Iterator[bytes]:
        pytest.fail(f"{start} to {stop} is read")

    content = Content("etag", 1000, datetime.now(UTC), "video.mp3", read)
    with Flask(__name__).test_request_context(method="HEAD"):
        assert answer(request, content).content_length == content.length
