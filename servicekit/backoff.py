"""How long to wait before trying again."""

import random
from dataclasses import dataclass

from servicekit.settings import Env


@dataclass(frozen=True)
class Backoff:
    """Exponential, capped, with jitter so that replicas do not come back in step; in seconds."""

    first: float
    longest: float

    @classmethod
    def read(cls, env: Env, name: str, first: float, longest: float) -> "Backoff":
        """Read `NAME_DELAY` and `NAME_DELAY_MAX`, with these defaults."""
        return cls(
            first=env.seconds(f"{name}_DELAY", first, 0.01, 300),
            longest=env.seconds(f"{name}_DELAY_MAX", longest, 0.01, 3600),
        )

    def delay(self, attempt: int) -> float:
        """The wait after failed attempt number `attempt`, counted from 0."""
        ceiling = min(self.first * 2.0 ** min(attempt, 30), self.longest)
        return random.uniform(ceiling / 2, ceiling)  # noqa: S311 it spreads load and guards nothing
