"""Waits grow, stay below their cap, and differ."""

from hypothesis import given
from hypothesis import strategies as st

from servicekit.backoff import Backoff
from servicekit.settings import Env

BACKOFF = Backoff(first=0.5, longest=10)


@given(st.integers(min_value=0, max_value=10**6))
def test_a_wait_is_between_half_its_ceiling_and_the_ceiling(attempt: int) -> None:
    ceiling = min(0.5 * 2.0 ** min(attempt, 100), 10)
    assert ceiling / 2 <= BACKOFF.delay(attempt) <= ceiling


def test_two_replicas_do_not_wait_alike() -> None:
    assert len({BACKOFF.delay(9) for _ in range(20)}) > 10


def test_it_is_read_by_its_name() -> None:
    env = Env({"RETRY_DELAY": "2", "RETRY_DELAY_MAX": "8"})
    assert Backoff.read(env, "RETRY", 1, 30) == Backoff(2, 8)
    assert Backoff.read(Env({}), "RETRY", 1, 30) == Backoff(1, 30)
