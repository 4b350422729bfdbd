"""A request counts for who sent it, whatever it says of itself."""

import pytest
from flask import Flask, request

from servicekit.http.source import Proxies, source
from servicekit.settings import Env

PROXIES = "10.244.0.0/16,fd00::/8"


def source_of(peer: str, *forwarded: str, trusted: str = PROXIES) -> str:
    proxies = Proxies.read(Env({}), trusted)
    headers = [("X-Forwarded-For", line) for line in forwarded]
    with Flask("test").test_request_context(headers=headers, environ_base={"REMOTE_ADDR": peer}):
        return source(proxies.client(request))


def test_without_proxies_the_source_is_the_peer() -> None:
    assert source_of("203.0.113.7") == "203.0.113.7"
    assert source_of("203.0.113.7", "198.51.100.1", trusted="") == "203.0.113.7"


def test_a_header_that_a_stranger_sends_is_not_believed() -> None:
    for forged in ("198.51.100.1", "10.244.0.9", "198.51.100.1, 10.244.0.9"):
        assert source_of("203.0.113.7", forged) == "203.0.113.7"


def test_a_trusted_proxy_says_whom_it_serves() -> None:
    assert source_of("10.244.0.9", "203.0.113.7") == "203.0.113.7"
    assert source_of("fd00::9", "203.0.113.7") == "203.0.113.7"


def test_what_a_client_wrote_before_its_proxy_did_is_not_believed() -> None:
    assert source_of("10.244.0.9", "198.51.100.1, 203.0.113.7") == "203.0.113.7"
    assert source_of("10.244.0.9", "198.51.100.1", "203.0.113.7") == "203.0.113.7"
    assert source_of("10.244.0.9", "198.51.100.1, 203.0.113.7, 10.244.0.8") == "203.0.113.7"


@pytest.mark.parametrize("header", ["", ",", "unknown", "203.0.113.7, x", "203.0.113.7:80"])
def test_a_proxy_that_names_nobody_stands_for_its_clients(header: str) -> None:
    assert source_of("10.244.0.9", header) == "10.244.0.9"


def test_a_client_within_the_trusted_networks_is_known_by_its_own_address() -> None:
    assert source_of("10.244.0.9", "10.244.0.8") == "10.244.0.8"


def test_all_addresses_of_one_subscriber_are_one_source() -> None:
    assert source_of("2001:db8:1:2:3:4:5:6") == source_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert source_of("2001:db8:1:3::1") != source_of("2001:db8:1:2::1")


def test_an_ipv4_address_in_ipv6_is_the_same_source() -> None:
    assert source_of("::ffff:203.0.113.7") == "203.0.113.7"
    assert source_of("::ffff:10.244.0.9", "203.0.113.7") == "203.0.113.7"
