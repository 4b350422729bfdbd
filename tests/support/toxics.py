"""What may be wrong with a relay's link, for each direction of each connection by itself."""

import time
from collections import deque
from dataclasses import dataclass


class Flow:
    """Bytes that one end has sent and the other has not got yet."""

    def __init__(self, of_client: bool) -> None:
        self.of_client = of_client
        self.passed = 0  # bytes, since the toxic began
        self.size = 0  # bytes that are held
        self.since = 0.0  # when the first of them came, or some were passed last
        self._pieces: deque[tuple[float, bytes]] = deque()

    def put(self, data: bytes) -> None:
        """Hold `data`."""
        now = time.monotonic()
        if not self.size:
            self.since = now
        self._pieces.append((now, data))
        self.size += len(data)

    def take(self, size: int) -> bytes:
        """The first `size` bytes, to be passed on."""
        if not size:
            return b""
        held = b"".join(data for _, data in self._pieces)
        youngest = self._pieces[-1][0]
        self._pieces.clear()
        if rest := held[size:]:
            self._pieces.append((youngest, rest))
        self.size -= size
        self.passed += size
        self.since = time.monotonic()
        return held[:size]

    def older_than(self, seconds: float) -> int:
        """How many of the bytes came before so many seconds."""
        latest = time.monotonic() - seconds
        return sum(len(data) for came, data in self._pieces if came <= latest)


class Toxic:
    """A link that is well: it passes everything at once."""

    drains = True  # whether what is held still arrives after its sender has closed

    def passes(self, flow: Flow) -> int:
        """How many of the held bytes go on now."""
        return flow.size

    def breaks(self, flow: Flow) -> bool:
        """Whether the connection is reset now."""
        return False


WELL = Toxic()


@dataclass(frozen=True)
class Slow(Toxic):
    """So many bytes in a second."""

    rate: int

    def passes(self, flow: Flow) -> int:
        return min(flow.size, int(self.rate * (time.monotonic() - flow.since)))


@dataclass(frozen=True)
class Late(Toxic):
    """Each answer comes so many seconds later."""

    seconds: float

    def passes(self, flow: Flow) -> int:
        return flow.size if flow.of_client else flow.older_than(self.seconds)


@dataclass(frozen=True)
class Silent(Toxic):
    """Takes connections and bytes, and holds them."""

    drains = False

    def passes(self, flow: Flow) -> int:
        return 0


@dataclass(frozen=True)
class OneWay(Toxic):
    """Passes only what clients send, or only what the server does."""

    to_server: bool
    drains = False

    def passes(self, flow: Flow) -> int:
        return flow.size if flow.of_client == self.to_server else 0


@dataclass(frozen=True)
class ResetAfter(Toxic):
    """Passes so many bytes in a direction, and then resets the connection."""

    limit: int

    def passes(self, flow: Flow) -> int:
        return min(flow.size, self.limit - flow.passed)

    def breaks(self, flow: Flow) -> bool:
        return flow.size > 0 and flow.passed >= self.limit
