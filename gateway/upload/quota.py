"""How many bytes a user may have stored."""

import math
from dataclasses import dataclass

from servicekit.http.errors import LimitError
from servicekit.http.problem import Code
from servicekit.jobs.usage import UsageQueries


@dataclass(frozen=True)
class Quota:
    """At most `most` bytes of each user's; 0 is no limit.

    A conversion is never refused: its MP3 counts, and may take more than is left.
    """

    usage: UsageQueries
    most: int

    def left(self, username: str) -> float:
        """How many more bytes the user may store, infinite without a limit; PyMongoError."""
        return self.most - self.usage.of(username).bytes if self.most else math.inf


def exceeded() -> LimitError:
    """A 413: more than what is left of USER_QUOTA_BYTES."""
    return LimitError("user_quota", "Quota exceeded", 413, Code.QUOTA_EXCEEDED)
