"""How webhooks are sent."""

from dataclasses import dataclass
from typing import Self

from servicekit.settings import Env, Network

# 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h: the example of Standard Webhooks 1.0.0, "Deliverability
# and reliability", without its 14 h and more; 27 h 35 min in all.
GAPS = "5,300,1800,7200,18000,36000,36000"


@dataclass(frozen=True)
class WebhookSettings:
    """All times are in seconds.

    `senders` threads look every `interval` for what is due, and give an attempt `timeout` in all.
    After the first failed attempt the next is `gaps[0]` away, and so on. Addresses in `networks`
    are reached though they are none of the Internet's, those in `refused` never.
    """

    senders: int
    interval: float
    timeout: float
    gaps: tuple[float, ...]
    networks: tuple[Network, ...]
    refused: tuple[Network, ...]

    @classmethod
    def read(cls, env: Env) -> Self:
        """Read `WEBHOOK_*`; problems are left with `env`."""
        return cls(
            senders=env.integer("WEBHOOK_SENDERS", 2, 0, 64),
            interval=env.seconds("WEBHOOK_INTERVAL", 2, 0.05, 3600),
            timeout=env.seconds("WEBHOOK_TIMEOUT", 15, 0.1, 30),
            gaps=env.gaps("WEBHOOK_GAPS", GAPS),
            networks=env.networks("WEBHOOK_NETWORKS", ""),
            refused=env.networks("WEBHOOK_REFUSED_NETWORKS", ""),
        )
