"""A program that reads a stranger's file, kept to that file, to its result and to some limits."""

from collections.abc import Callable, Sequence

from convert.cage import landlock, limits, privileges, seccomp
from convert.cage.launch import Launch
from convert.cage.rules import Cage, Limits
from convert.cage.syscalls import NUMBERS

__all__ = ["LAYERS", "Cage", "Launch", "Limits", "described", "enclose"]

# Each holds by itself; in this order, since seccomp refuses what the others need.
LAYERS: tuple[Callable[[Launch, Cage], None], ...] = (
    privileges.drop,
    limits.bound,
    landlock.confine,
    seccomp.restrict,
)


def enclose(command: Sequence[str], cage: Cage) -> Launch:
    """How to start `command` in the cage; FileNotFoundError when there is no such program."""
    launch = Launch(command)
    if NUMBERS:
        for layer in LAYERS:
            layer(launch, cage)
    return launch


def described() -> str:
    """What of the cage holds on this machine."""
    if not NUMBERS:
        return "nothing: the system calls of this machine are not known"
    parts = ["no privileges", "limits"]
    version = landlock.abi()
    since = {1: "files", 4: "TCP ports", 6: "signals and abstract sockets"}
    if version:
        held = ", ".join(what for abi, what in since.items() if version >= abi)
        parts.append(f"Landlock {version} ({held})")
    if seccomp.supported():
        parts.append("seccomp")
    return ", ".join(parts)
