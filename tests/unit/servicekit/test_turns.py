"""Whoever waits for a thread is not behind all that came before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.http.turns import Turns

WAITING = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=60)


def queue(waiting: list[tuple[str, str]]) -> Turns[int]:
    """Who waits, numbered as they came."""
    turns: Turns[int] = Turns()
    for item, (door, asker) in enumerate(waiting):
        turns.put(item, door, asker)
    return turns


def all_of(turns: Turns[int], count: int) -> list[int]:
    return [turns.take() for _ in range(count)]


def test_the_doors_take_turns_and_at_each_door_those_who_ask() -> None:
    turns = queue([("u", "x"), ("u", "x"), ("u", "y"), ("u", "x"), ("l", "x")])
    assert all_of(turns, 5) == [0, 4, 2, 1, 3]


@given(WAITING)
def test_each_is_taken_once_and_those_of_one_asker_at_one_door_in_order(
    waiting: list[tuple[str, str]],
) -> None:
    turns = queue(waiting)
    taken = all_of(turns, len(waiting))
    assert sorted(taken) == list(range(len(waiting)))
    for flow in set(waiting):
        of_flow = [item for item in taken if waiting[item] == flow]
        assert of_flow == sorted(of_flow)
    with pytest.raises(KeyError):
        turns.take()


@given(WAITING)
def test_who_comes_last_to_a_new_door_waits_for_one_turn_of_the_others(
    waiting: list[tuple[str, str]],
) -> None:
    turns = queue(waiting)
    turns.put(-1, "another door", "x")
    assert -1 in all_of(turns, len({door for door, _ in waiting}) + 1)
