"""Places are few, and nobody takes them all from others."""

from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.http.errors import RefusedError
from servicekit.http.places import Places


def take_all(places: Places, holder: str) -> list[ExitStack]:
    """As many as `holder` gets."""
    taken = []
    while place := places.find(holder):
        taken.append(place)
    return taken


def test_a_lone_holder_gets_half_and_the_next_finds_one() -> None:
    places = Places(24)
    assert len(take_all(places, "ann")) == 12
    assert places.find("bob")


@given(st.integers(1, 100), st.lists(st.integers(0, 20), max_size=300))
def test_whoever_holds_none_finds_a_place_while_one_is_free(count: int, asks: list[int]) -> None:
    places = Places(count)
    taken = sum(places.find(str(holder)) is not None for holder in asks)
    assert taken <= count
    assert (places.find("new") is not None) == (taken < count)


def test_ten_who_take_all_they_can_leave_some_for_an_eleventh() -> None:
    places = Places(24)
    for _ in range(24):
        for holder in range(10):
            places.find(str(holder))
    assert places.find("eleventh")


def test_a_place_is_given_back_once() -> None:
    places = Places(1)
    with places.take("ann", "any"):
        assert places.find("bob") is None
    place = places.find("bob")
    assert place
    place.close()
    place.close()
    assert places.find("ann")
    assert places.find("bob") is None


def test_who_finds_none_is_told_when_to_come_again() -> None:
    places = Places(1)
    places.take("ann", "any")
    with pytest.raises(RefusedError) as refused:
        places.take("bob", "any")
    assert refused.value.status == 503
    assert int(refused.value.headers["Retry-After"]) > 0
