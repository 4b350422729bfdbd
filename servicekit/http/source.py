"""Where a request comes from, which no client can say of itself."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import Request

from servicekit.settings import Env, Network

IPV6_PREFIX = 64  # bits; RFC 6177: a subscriber has at least all addresses behind them

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Proxies:
    """The networks whose word on whom they serve is believed."""

    trusted: tuple[Network, ...]

    @classmethod
    def read(cls, env: Env, default: str) -> "Proxies":
        """Read `TRUSTED_PROXIES`, with this default; problems are left with `env`."""
        return cls(env.networks("TRUSTED_PROXIES", default))

    def client(self, request: Request) -> Address:
        """The client's address, by the connection's other end and `X-Forwarded-For`.

        Each proxy appends whom it serves, so the header is read from its end for as long as
        trusted proxies speak; what is before that is anybody's invention.
        """
        client = _address(str(request.remote_addr))
        for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
            if not any(client in network for network in self.trusted):
                break
            try:
                client = _address(hop.strip())
            except ValueError:
                break
        return client


NOBODY = Proxies(())


def source(client: Address) -> str:
    """Whom an address stands for: itself in IPv4, its /64 in IPv6."""
    if isinstance(client, IPv4Address):
        return str(client)
    return str(ip_network((int(client), IPV6_PREFIX), strict=False))


def _address(text: str) -> Address:
    address = ip_address(text)
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
