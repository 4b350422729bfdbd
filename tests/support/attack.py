"""The kinds of slow clients that a gateway meets, with users and files of their own."""

from contextlib import ExitStack
from urllib.parse import urlsplit

from tests.support.files import Mongo
from tests.support.normal_user import normal_user
from tests.support.slow import (
    ReadNothing,
    SendOn,
    SlowClients,
    Trickle,
    Way,
    half_a_header,
    idle,
)
from tests.support.stack import Stack

USERS = 10
SEND_PAUSE = 0.5  # seconds between blocks of 64 KiB: 1,000 clients send 128 MB/s
MP3 = bytes(16 * 2**20)  # more than the kernel's buffers


class Attack:
    """Slow clients of a gateway, and a normal user beside them."""

    def __init__(self, stack: Stack, mongo: Mongo, url: str) -> None:
        self.normal = normal_user(stack, mongo, url, MP3)
        self._port = urlsplit(url).port or 80
        attackers = [normal_user(stack, mongo, url, MP3) for _ in range(USERS)]
        tokens = tuple(f"Bearer {user.client.token}" for user in attackers)
        paths = [f"/download?fid={user.fid}" for user in attackers]
        self.kinds: dict[str, Way] = {
            "half headers": half_a_header,
            "trickled bodies": Trickle("/upload", tokens),
            "slow readers": ReadNothing(tuple(zip(paths, tokens, strict=True))),
            "idle": idle,
            "send on after 401": SendOn("/upload", "Bearer nobody", 10**9, SEND_PAUSE),
            "send on after 413": SendOn("/upload", tokens[0], 10**12, SEND_PAUSE),
            "trickle on after 401": Trickle("/upload", ("Bearer nobody",)),
        }

    def start(self, count: int, *kinds: str) -> ExitStack:
        """`count` clients of each kind, until the context ends."""
        with ExitStack() as clients:
            for kind in kinds:
                clients.enter_context(SlowClients(self._port, count, self.kinds[kind]))
            return clients.pop_all()
