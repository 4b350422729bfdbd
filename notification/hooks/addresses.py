"""Which addresses a webhook may go to: the Internet's, none of the cluster or of this host."""

import socket
from contextlib import closing
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from servicekit.settings import Network

# They hold an IPv4 address, which may be a private one: NAT64 (RFC 6052 and 8215), 6to4 (RFC 3056).
_TRANSLATED = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")))


@dataclass(frozen=True)
class Addresses:
    """`allowed` networks are reached whatever they are, `refused` ones never."""

    allowed: tuple[Network, ...] = ()
    refused: tuple[Network, ...] = ()

    def may_reach(self, address: str) -> bool:
        """Whether a webhook may go to `address`, as getaddrinfo gives it."""
        found = _plain(address)
        if any(found in network for network in self.refused):
            return False
        return any(found in network for network in self.allowed) or _is_public(found)


def _plain(address: str) -> IPv4Address | IPv6Address:
    """Without its zone, and as IPv4 where it only wraps that."""
    found = ip_address(address.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if not address.is_global or address.is_multicast:
        return False
    return not any(address in network for network in _TRANSLATED) and not _is_own(address)


def _is_own(address: IPv4Address | IPv6Address) -> bool:
    """Whether this machine has it: only such an address can be bound to."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with closing(socket.socket(family, socket.SOCK_DGRAM)) as own:
        try:
            own.bind((str(address), 0))
        except OSError:
            return False
    return True
