"""Random requests fail no service; `python -m tests.door` sends more of them."""

from tests.door.flood import Flood
from tests.support.stack import Stack

REQUESTS = 500
SECONDS = 120.0
SEED = 12


def test_random_requests_get_no_failure_and_a_normal_user_is_served_after_them(
    stack: Stack,
) -> None:
    flood = Flood(stack)
    flood.run(REQUESTS, SEED, SECONDS)
    assert not flood.wrong
    assert all(counts.total() >= REQUESTS // 5 for counts in flood.counts.values()), flood.counts
