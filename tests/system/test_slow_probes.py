"""A hundred slow clients of the health port do not hold up a probe."""

import time
from collections.abc import Iterator

import pytest

from tests.support.gateway import own_gateway
from tests.support.process import Process
from tests.support.slow import SendOn, SlowClients, Way, half_a_header, idle
from tests.support.stack import Stack

COUNT = 100
PROBES = 20
WORST = 1.0  # seconds


@pytest.fixture(scope="module")
def gateway(stack: Stack) -> Iterator[Process]:
    with own_gateway(stack) as process:
        yield process


@pytest.mark.parametrize(
    "way",
    [half_a_header, idle, SendOn("/livez", "", 10**9, 0.1)],
    ids=["half headers", "idle", "send on"],
)
def test_slow_clients_of_the_health_port_do_not_hold_up_a_probe(gateway: Process, way: Way) -> None:
    with SlowClients(gateway.health_port, COUNT, way):
        for _ in range(PROBES):
            started = time.monotonic()
            assert gateway.probe("/livez") == 200
            assert time.monotonic() - started <= WORST
