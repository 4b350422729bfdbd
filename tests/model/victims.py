"""What may go away in a story, and comes back: a server of the stack, or some of three nodes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tests.support.stack import Stack


class Victim(Protocol):
    """What may go away. `start` brings back what `stop` took; after `kill` it comes back itself."""

    def stop(self) -> None: ...
    def start(self) -> None: ...
    def kill(self) -> None: ...


@dataclass(frozen=True)
class Program:
    """A server of the stack."""

    stack: Stack
    name: str

    def stop(self) -> None:
        self.stack.stop(self.name)

    def start(self) -> None:
        self.stack.start(self.name)

    def kill(self) -> None:
        self.stack.signal("KILL", self.name)


class Node(Protocol):
    """One of three."""

    def start(self) -> None: ...
    def kill(self) -> None: ...


class Nodes:
    """Those of three that `choose` names at the moment: it is kill -9 in any case."""

    def __init__(self, choose: Callable[[], Sequence[Node]]) -> None:
        self._choose = choose
        self._gone: Sequence[Node] = ()

    def stop(self) -> None:
        self._gone = self._choose()
        for node in self._gone:
            node.kill()

    def start(self) -> None:
        for node in self._gone:
            node.start()

    def kill(self) -> None:
        self.stop()
        self.start()
