"""Names that strangers give their files."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upload import filename


@given(st.text())
def test_a_clean_name_is_one_printable_component_of_bounded_length(name: str) -> None:
    clean = filename.clean(name)
    assert len(clean) <= filename.MAX_LENGTH
    assert not set(clean) & set("/\\\r\n\0\x1b\u2028")
    assert not any(unicodedata.category(c) == "Cc" for c in clean)
    assert clean not in (".", "..")
    assert filename.clean(clean) == clean


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("film.mp4", "film.mp4"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\r\nX-Header: b.mp4", "aX-Header: b.mp4"),
        ("  spaced name.mp4 ", "spaced name.mp4"),
        ("👩‍👩‍👧.mp4", "👩‍👩‍👧.mp4"),
        ("..", ""),
        ("folder/", ""),
    ],
)
def test_names_are_cleaned(name: str, clean: str) -> None:
    assert filename.clean(name) == clean


def test_a_long_name_keeps_its_extension() -> None:
    clean = filename.clean("x" * 4000 + ".webm")
    assert len(clean) == filename.MAX_LENGTH
    assert clean.endswith("x.webm")


def test_a_long_extension_is_none() -> None:
    assert filename.clean("a." + "x" * 4000) == "a." + "x" * 253
