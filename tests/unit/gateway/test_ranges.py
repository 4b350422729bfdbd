"""Range headers, as RFC 9110 section 14 has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from download import ranges

LENGTH = 1000


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 1000)),
        ("bytes=200-299", (200, 300)),
        ("bytes=990-5000", (990, 1000)),
        ("bytes=-1", (999, 1000)),
        ("bytes=-5000", (0, 1000)),
        ("Bytes = 5 - 6", (5, 7)),
    ],
)
def test_one_range_is_cut_to_the_file(header: str, span: tuple[int, int]) -> None:
    assert ranges.parse(header, LENGTH) == span


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,5-6", "items=0-1", "bytes=x-y"]
    + ["bytes=" + "9" * 5000 + "-", "bytes=٣-٤"],
)
def test_what_is_not_one_range_of_bytes_is_ignored(header: str) -> None:
    assert ranges.parse(header, LENGTH) is None


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0"])
def test_a_range_outside_the_file_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(RequestedRangeNotSatisfiable):
        ranges.parse(header, LENGTH)


@given(first=st.integers(0, 2000), last=st.integers(0, 2000), length=st.integers(1, 1500))
def test_a_satisfied_range_is_within_the_file(first: int, last: int, length: int) -> None:
    try:
        span = ranges.parse(f"bytes={first}-{last}", length)
    except RequestedRangeNotSatisfiable:
        assert first >= length
    else:
        assert span == (None if last < first else (first, min(last + 1, length)))
