"""Faults of services and servers, one after the other, as random numbers have it."""

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable

from tests.support.log import say
from tests.support.project import SERVICES
from tests.support.stack import Stack

BETWEEN_FAULTS = (1.0, 6.0)  # seconds
OUTAGE = (1.0, 8.0)  # seconds that a stopped or frozen server stays away
SERVERS = ("rabbitmq", "mongod", "mariadb", "mailcatcher")


class RandomFaults:
    """The same seed gives the same faults in the same order."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack = stack
        self._random = random.Random(seed)  # noqa: S311 to be repeated, not to be secret
        self._pause = threading.Event()
        self.counts: Counter[str] = Counter()

    def inject(self, seconds: float) -> None:
        """Go on for that long; what was killed last may still be down at the end."""
        end = time.monotonic() + seconds
        faults = [self._kill_service] * 4 + [self._end_service] * 2
        faults += [self._kill_server, self._restart_server, self._stop_server, self._freeze_server]
        while time.monotonic() < end:
            self._wait(BETWEEN_FAULTS)
            self._do(self._random.choice(faults))

    def _do(self, fault: Callable[[], str]) -> None:
        try:
            what = fault()
        except subprocess.CalledProcessError as error:  # an earlier fault has it still down
            what = f"missed: {str(error.output).strip()[:80]}"
        self.counts[what.split(":")[0]] += 1
        say(what)

    def _wait(self, bounds: tuple[float, float]) -> None:
        self._pause.wait(self._random.uniform(*bounds))

    def _service(self) -> str:
        program = self._random.choice([*SERVICES, "converter", "converter"])  # they hold the jobs
        return self._random.choice(self._stack.processes(program))

    def _kill_service(self) -> str:
        process = self._service()
        self._stack.kill(process)
        return f"kill -9: {process}"

    def _end_service(self) -> str:
        process = self._service()
        self._stack.signal("TERM", process)
        return f"SIGTERM: {process}"

    def _kill_server(self) -> str:
        server = self._random.choice(SERVERS)
        self._stack.signal("KILL", server)
        return f"kill -9: {server}"

    def _restart_server(self) -> str:
        server = self._random.choice(SERVERS)
        self._stack.restart(server)
        return f"restart: {server}"

    def _stop_server(self) -> str:
        server = self._random.choice(SERVERS)
        self._stack.stop(server)
        self._wait(OUTAGE)
        self._stack.start(server)
        return f"stop: {server}"

    def _freeze_server(self) -> str:
        server = self._random.choice(SERVERS)
        with self._stack.frozen(server):
            self._wait(OUTAGE)
        return f"freeze: {server}"
