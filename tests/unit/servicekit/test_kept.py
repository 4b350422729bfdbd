"""A kept connection is used by one caller at a time, and never after it failed or grew old."""

import pytest

from servicekit.kept import Kept


class Link:
    """A connection."""

    def __init__(self) -> None:
        self.open = True
        self.good = True

    def close(self) -> None:
        """It is seen to be closed."""
        self.open = False

    def is_good(self) -> bool:
        """As the test says."""
        return self.good


@pytest.fixture
def kept() -> Kept[Link]:
    return Kept(Link)


def test_a_connection_is_used_again_while_it_is_good(kept: Kept[Link]) -> None:
    with kept.one() as first:
        pass
    with kept.one() as again:
        assert again is first
    first.good = False
    with kept.one() as another:
        assert another is not first
    assert not first.open


def test_a_connection_that_failed_is_not_used_again(kept: Kept[Link]) -> None:
    with pytest.raises(ConnectionError), kept.one() as first:
        raise ConnectionError
    assert not first.open
    with kept.one() as another:
        assert another is not first


def test_who_has_a_connection_has_it_alone(kept: Kept[Link]) -> None:
    with kept.one() as first, kept.one() as second:
        assert first is not second


def test_the_one_that_waits_longest_comes_first(kept: Kept[Link]) -> None:
    with kept.one() as first, kept.one():
        pass
    assert kept.take() is not first
    assert kept.take() is first
