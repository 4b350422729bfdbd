"""A webhook reaches addresses of the Internet, and none of a private network or of this machine."""

from ipaddress import ip_network

import pytest

from hooks.addresses import Addresses

PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"]
PRIVATE = [
    "0.0.0.0",  # noqa: S104
    "127.0.0.1",
    "127.8.8.8",
    "10.96.0.1",
    "10.244.0.7",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.49.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "2002:a00:1::",
    "2001:0:a00:1::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internet_is_reached(address: str) -> None:
    assert Addresses().may_reach(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_the_internet_is_not_reached(address: str) -> None:
    assert not Addresses().may_reach(address)


def test_an_address_of_this_machine_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its range: what can be bound to is here."""
    monkeypatch.setattr("hooks.addresses.socket.socket", _Bindable)
    assert not Addresses().may_reach("8.8.8.8")


class _Bindable:
    """A socket of a machine that has every address."""

    def __init__(self, *_: object) -> None: ...

    def bind(self, _: object) -> None: ...

    def close(self) -> None: ...


def test_the_operator_allows_and_refuses_networks_and_a_refusal_wins() -> None:
    allowed, refused = (ip_network("10.1.0.0/16"),), (ip_network("10.1.2.0/24"),)
    addresses = Addresses(allowed, (*refused, ip_network("8.8.8.8/32")))
    assert addresses.may_reach("10.1.1.1")
    assert not addresses.may_reach("10.1.2.1")
    assert not addresses.may_reach("8.8.8.8")
    assert not addresses.may_reach("10.2.0.1")
