"""A login waits exactly as long as a limit says, and strangers' guesses cost its source nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import LoginSettings
from throttle import Count, wait

LIMITS = LoginSettings(
    window=900, limit=3, source_limit=10, account_limit=20, overall_limit=50, failure_time=0.4
)
ATTEMPTS = st.integers(1, 10_000)


def waits(pair: int = 1, source: int = 1, account: int = 1, overall: int = 1) -> int:
    """The wait where the rows are forgotten in 100, 200, 300 and 400 seconds."""
    rows = Count(pair, 100), Count(source, 200), Count(account, 300), Count(overall, 400)
    return wait(LIMITS, *rows)


@pytest.mark.parametrize(
    ("counts", "seconds"),
    [
        ({}, 0),
        ({"pair": 3, "source": 3}, 0),
        ({"pair": 4, "source": 4}, 100),
        ({"source": 10}, 0),
        ({"source": 11}, 200),
        ({"pair": 4, "source": 11}, 200),
        ({"pair": 2, "source": 2, "account": 20}, 0),
        ({"pair": 2, "source": 2, "account": 21}, 100),
        ({"pair": 1, "source": 2, "account": 21}, 0),
        ({"source": 2, "overall": 50}, 0),
        ({"source": 2, "overall": 51}, 200),
    ],
)
def test_each_limit_holds_until_its_row_is_forgotten(counts: dict[str, int], seconds: int) -> None:
    assert waits(**counts) == seconds


def test_a_limit_that_ends_before_the_source_is_forgotten_ends_the_wait() -> None:
    rows = Count(2, 100), Count(2, 200), Count(21, 30), Count(51, 40)
    assert wait(LIMITS, *rows) == 40


@given(account=ATTEMPTS, overall=ATTEMPTS)
def test_a_source_that_tried_nothing_never_waits(account: int, overall: int) -> None:
    assert waits(pair=1, source=1, account=account, overall=overall) == 0
