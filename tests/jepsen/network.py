"""Machines in network namespaces of this one, whose links can be cut, each way by itself."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import permutations
from pathlib import Path

from tests.support.closing import Closing
from tests.support.place import Place

BRIDGE = "v2m-jepsen"
LINK = "v2mj"  # and a number: a machine's end of it on the bridge
PREFIX = "10.213.77"
CLIENTS = f"{PREFIX}.1"  # this machine's own address in it: the services'
TIMEOUT = 20  # seconds
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")

Cut = tuple[str, str]  # the address whose packets are dropped, and the one that drops them


def missing() -> str:
    """What this machine lacks for it; empty when nothing."""
    if os.geteuid() != 0:
        return "network namespaces take root"
    tools = [tool for tool in ("ip", "iptables", "unshare") if not shutil.which(tool)]
    if tools:
        return f"not installed: {', '.join(tools)}"
    bridge = ["unshare", "--net", "ip", "link", "add", BRIDGE, "type", "bridge"]
    tried = subprocess.run(bridge, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    return f"no network of its own: {tried.stderr.strip()}" if tried.returncode else ""


class Network(Closing):
    """A bridge with `count` machines on it. Rules are made in their namespaces, nowhere else."""

    def __init__(self, count: int, folder: Path) -> None:
        self._clocks = folder
        self.close()  # what an earlier run has left
        _run("ip", "link", "add", BRIDGE, "type", "bridge")
        _run("ip", "address", "add", f"{CLIENTS}/24", "dev", BRIDGE)
        _run("ip", "link", "set", BRIDGE, "up")
        self.machines = [self._machine(number) for number in range(count)]

    def close(self) -> None:
        """Remove all of it."""
        listed = subprocess.run(
            ["ip", "netns", "list"], capture_output=True, text=True, check=True, timeout=TIMEOUT
        ).stdout
        for name in (line.split()[0] for line in listed.splitlines()):
            if name.startswith(BRIDGE):
                self._end_all_in(name)
                _run("ip", "netns", "delete", name)
        for device in Path("/sys/class/net").iterdir():
            if device.name == BRIDGE or device.name.startswith(LINK):
                with suppress(subprocess.CalledProcessError):  # it may just go with its machine
                    _run("ip", "link", "delete", device.name)

    @contextmanager
    def cut(self, cuts: Iterable[Cut]) -> Iterator[None]:
        """Inside, packets are lost on their way from the first to the second of each pair."""
        for source, target in cuts:
            if target == CLIENTS:  # this machine's own rules are not touched: the sender drops them
                rule = ("OUTPUT", "-d", target)
                self._iptables(source, "-A", *rule, "-j", "DROP")
            else:
                self._iptables(target, "-A", "INPUT", "-s", source, "-j", "DROP")
        try:
            yield
        finally:
            for machine in self.machines:
                self._iptables(machine.address, "-F")

    def set_clock(self, machine: Place, seconds: int) -> None:
        """Let the time of day of its servers be so many seconds ahead."""
        self._clock(machine.name).write_text(f"{seconds:+d}s\n")

    def _end_all_in(self, space: str) -> None:
        """Kill what a run that was broken off has left there."""
        command = ["ip", "netns", "pids", space]
        found = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=TIMEOUT
        ).stdout
        for pid in map(int, found.split()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _machine(self, number: int) -> Place:
        space, link = f"{BRIDGE}-{number}", f"{LINK}{number}"
        place = Place(
            f"node{number}",
            f"{PREFIX}.{11 + number}",
            ("ip", "netns", "exec", space),
            self._clock_of_its_own(f"node{number}"),
        )
        _run("ip", "netns", "add", space)
        _run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", space)
        _run("ip", "link", "set", link, "master", BRIDGE, "up")
        for device in ("lo", "eth0"):
            _run(*place.prefix, "ip", "link", "set", device, "up")
        _run(*place.prefix, "ip", "address", "add", f"{place.address}/24", "dev", "eth0")
        return place

    def _clock(self, name: str) -> Path:
        return self._clocks / f"{name}.clock"

    def _clock_of_its_own(self, name: str) -> tuple[tuple[str, str], ...]:
        self._clock(name).write_text("+0s\n")
        if not FAKETIME.exists():
            return ()
        return (
            ("LD_PRELOAD", str(FAKETIME)),
            ("FAKETIME_TIMESTAMP_FILE", str(self._clock(name))),
            ("FAKETIME_CACHE_DURATION", "1"),  # seconds
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),  # a clock that is set, not a day that is longer
            # Nor are waits on that clock: by libfaketime's default on Debian 12, mongod's idle
            # threads turn without a rest (15 s of CPU in 8 s; with 0, 0.05 s).
            ("FAKETIME_FORCE_MONOTONIC_FIX", "0"),
        )

    def _iptables(self, address: str, *rule: str) -> None:
        (machine,) = (m for m in self.machines if m.address == address)
        _run(*machine.prefix, "iptables", "-w", *rule)


def between(one: Iterable[str], other: Iterable[str]) -> list[Cut]:
    """Every link between two groups, both ways."""
    others = list(other)
    return [cut for a in one for b in others for cut in ((a, b), (b, a))]


def ring(addresses: list[str]) -> list[Cut]:
    """Each hears itself and those after it up to a majority: no two hear the same ones."""
    count = len(addresses)
    heard = {
        (addresses[(number + step) % count], address)
        for number, address in enumerate(addresses)
        for step in range(count // 2 + 1)
    }
    return [pair for pair in permutations(addresses, 2) if pair not in heard]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT)
