"""Whatever a stranger sends ends as an MP3 or is told, within its bounds, and touches nothing.

The short form of the corpus; `tests/run hostile` puts the whole of it through the engine.
"""

import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.hostile.all import corpus, quick
from tests.hostile.canaries import Canaries
from tests.hostile.corpus import Case
from tests.hostile.trial import Verdict, attempt
from tests.support.wait import until

AT_ONCE = 2  # as many as CI has cores
TEST = "test_a_hostile_file_is_converted_or_told_and_costs_little"

Attempts = Mapping[str, Future[Verdict]]


@pytest.fixture(scope="module")
def attempts(request: pytest.FixtureRequest) -> Iterator[Attempts]:
    """The verdicts to come on the files whose tests were chosen."""
    chosen = {item.name for item in request.session.items}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {
            case.name: pool.submit(attempt, case)
            for case in quick()
            if f"{TEST}[{case.name}]" in chosen
        }
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in quick()])
def test_a_hostile_file_is_converted_or_told_and_costs_little(
    case: Case, attempts: Attempts
) -> None:
    verdict = attempts[case.name].result()
    assert not verdict.broken, verdict.ending


def test_a_trap_that_is_touched_is_noticed(tmp_path: Path) -> None:
    with Canaries(tmp_path / "canaries") as canaries:
        assert canaries.hits() == []
        canaries.sound.read_bytes()
        assert canaries.hits() == ["sound.wav"]
        with socket.create_connection(("127.0.0.1", canaries.port), timeout=10):
            until(lambda: canaries.hits() == ["a connection", "sound.wav"], "it is noticed")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            host, port = canaries.udp.split(":")
            sender.sendto(b"x", (host, int(port)))
        until(lambda: "a datagram" in canaries.hits(), "it is noticed")


def test_the_corpus_is_of_at_least_110_files() -> None:
    assert len({case.name for case in corpus()}) >= 110
