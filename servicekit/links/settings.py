"""What links are made with."""

from dataclasses import dataclass, field
from typing import Self

from servicekit.settings import Env

MIN_SECRET_BYTES = 32  # RFC 7518, section 3.2: as many as SHA-256 gives
DAY = 86400  # seconds
MAX_LIFETIME = 365 * DAY
MAX_RETENTION_DAYS = 36500


@dataclass(frozen=True)
class LinkSettings:
    """The secret that links are signed with, the one before, and where the gateway is for users.

    A link lasts `lifetime` seconds, and not longer than its MP3, which is kept for `mp3_days` days,
    for ever when 0.
    """

    secret: str = field(repr=False)
    previous_secret: str = field(repr=False)
    public_url: str
    lifetime: int
    mp3_days: int

    @classmethod
    def read(cls, env: Env) -> Self:
        """Read `LINK_*`, `PUBLIC_URL`, `MP3_RETENTION_DAYS`; problems are left with `env`."""
        return cls(
            secret=env.secret("LINK_SECRET", min_bytes=MIN_SECRET_BYTES),
            previous_secret=env.secret("LINK_SECRET_PREVIOUS", "", min_bytes=MIN_SECRET_BYTES),
            public_url=env.url("PUBLIC_URL", "http://video2mp3.com", ("http", "https")).rstrip("/"),
            lifetime=env.integer("LINK_LIFETIME", 7 * DAY, 1, MAX_LIFETIME),
            mp3_days=mp3_retention_days(env),
        )


def mp3_retention_days(env: Env) -> int:
    """After how many days an MP3 is removed; 0 for never."""
    return env.integer("MP3_RETENTION_DAYS", 0, 0, MAX_RETENTION_DAYS)
