"""Ports that are taken, and the addresses that are left."""

import pytest

from local.stack.report import Failure
from local.stack.servers import bind_addresses, parse_listeners, refuse_taken

TABLE = """\
LISTEN 0 80  127.0.0.1:3306   0.0.0.0:* users:(("mariadbd",pid=7,fd=20))
LISTEN 0 511         *:27017        *:*
LISTEN 0 128     [::1]:18000     [::]:* users:(("python",pid=9,fd=3))
"""


def test_a_taken_port_is_refused_with_its_owner_and_another_base() -> None:
    with pytest.raises(Failure) as refused:
        refuse_taken([17999, 18000], parse_listeners(TABLE), 18000)
    assert 'port 18000 is taken: users:(("python",pid=9,fd=3))' in str(refused.value)
    assert "Next: LOCAL_PORT_BASE=19000 local/up" in str(refused.value)


def test_the_proposed_base_is_never_too_high() -> None:
    with pytest.raises(Failure, match="LOCAL_PORT_BASE=18000 local/up"):
        refuse_taken([18000], parse_listeners(TABLE), 65000)


def test_free_ports_are_no_failure() -> None:
    refuse_taken([18001, 3307], parse_listeners(TABLE), 18000)


def test_a_database_takes_loopback_too_where_it_is_free() -> None:
    assert bind_addresses("192.168.49.1", 5000, parse_listeners(TABLE)) == "127.0.0.1,192.168.49.1"
    assert bind_addresses("192.168.49.1", 3306, parse_listeners(TABLE)) == "192.168.49.1"


@pytest.mark.parametrize(("address", "port"), [("127.0.0.1", 3306), ("192.168.49.1", 27017)])
def test_a_database_is_refused_an_address_that_another_has(address: str, port: int) -> None:
    with pytest.raises(Failure, match=f"{address}:{port} is taken") as refused:
        bind_addresses(address, port, parse_listeners(TABLE))
    assert "./setup-host.sh without --embedded" in str(refused.value)
