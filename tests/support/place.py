"""Where a server of a test runs: on loopback, or in a network of its own."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.machine import free_port


@dataclass(frozen=True)
class Place:
    """An address, the command that runs another one where it is, and variables for that one."""

    name: str
    address: str = "127.0.0.1"
    prefix: tuple[str, ...] = ()
    environ: tuple[tuple[str, str], ...] = ()

    def port(self, usual: int) -> int:
        """A port for a server: its usual one where nobody else is."""
        return usual if self.prefix else free_port()

    def run(
        self, command: list[str], env: Mapping[str, str], log: Path
    ) -> "subprocess.Popen[bytes]":
        """Start it, in a process group of its own; what it writes goes to `log`."""
        with log.open("ab") as file:
            return subprocess.Popen(
                [*self.prefix, *command],
                env={**env, **dict(self.environ)},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


LOOPBACK = Place("node")


def on_loopback(count: int) -> list[Place]:
    """Places beside one another."""
    return [Place(f"node{number}") for number in range(count)]
