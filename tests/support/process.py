"""A service's program, run by a test with settings of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping

from tests.support.closing import Closing
from tests.support.machine import free_port
from tests.support.project import ROOT
from tests.support.settings import NEEDED
from tests.support.wait import until

_PROGRAMS = ("server.py", "consumer.py")  # a service has one of them
_SWEEP_TIMEOUT = 60  # seconds
_TEXT_LIMIT = 4000  # characters of a log that a failure shows


class Process(Closing):
    """Runs as long as the context manager, which kills what still runs at its end.

    `url` is where a server answers; a consumer does not listen there.
    """

    def __init__(self, service: str, settings: Mapping[str, str]) -> None:
        port, self.health_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, _program(service)],
            cwd=ROOT / service,
            env=_environ(
                {
                    "HOST": "127.0.0.1",
                    "PORT": str(port),
                    "HEALTH_HOST": "127.0.0.1",
                    "HEALTH_PORT": str(self.health_port),
                    **NEEDED,
                    **settings,
                }
            ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        """Kill it."""
        self.kill()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    @property
    def log(self) -> str:
        """The end of what the process wrote."""
        return "\n".join(self.lines)[-_TEXT_LIMIT:]

    def count(self, text: str) -> int:
        """How many lines of the log hold `text`."""
        return sum(text in line for line in self.lines)

    def wait_for_line(self, text: str, count: int = 1, timeout: float = 20) -> None:
        """Return once `count` lines hold `text`; TimeoutError with the log when they do not."""
        with self._changed:
            if not self._changed.wait_for(
                lambda: self.count(text) >= count or not self.running, timeout
            ):
                raise TimeoutError(f"{text!r} is not in the log:\n{self.log}")
        self._reader.join(0 if self.running else timeout)
        assert self.count(text) >= count, f"ended with {self._process.returncode}:\n{self.log}"

    def probe(self, path: str = "/readyz") -> int:
        """The status of a probe, 0 when nobody answers."""
        return _status(f"http://127.0.0.1:{self.health_port}{path}")

    def metric(self, name: str) -> float:
        """The value of a metric, whose name has its labels."""
        url = f"http://127.0.0.1:{self.health_port}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        (value,) = (line.removeprefix(name) for line in lines if line.startswith(f"{name} "))
        return float(value)

    def answers(self, path: str) -> bool:
        """Whether a server says 200 to a GET."""
        return _status(self.url + path) == 200

    def wait_until_ready(self, timeout: float = 30) -> None:
        """Return once the process says that it is ready."""
        until(lambda: not self.running or self.probe() == 200, f"ready: {self.log}", timeout)
        assert self.running, f"ended with {self._process.returncode}:\n{self.log}"

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """kill -9 of it and its children, and wait for the end; it may have ended before."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._reader.join(10)
        assert self._process.stdout is not None
        if not self._reader.is_alive():
            self._process.stdout.close()

    def terminate(self, timeout: float = 30) -> int:
        """SIGTERM; the exit code, once the whole log is read."""
        self._process.terminate()
        return self.end(timeout)

    def end(self, timeout: float = 30) -> int:
        """The exit code, once the whole log is read, of a process that was told to end.

        Told twice, it may die of the second: Python takes its handlers away before it exits.
        """
        code = self._process.wait(timeout)
        self._reader.join(10)
        return code

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()


def sweep(mongodb_uri: str, **settings: str) -> None:
    """Run the gateway's sweeper; CalledProcessError when it fails."""
    subprocess.run(
        [sys.executable, "sweep.py"],
        cwd=ROOT / "gateway",
        env=_environ({"MONGODB_URI": mongodb_uri, **settings}),
        check=True,
        timeout=_SWEEP_TIMEOUT,
    )


def _program(service: str) -> str:
    return next(name for name in _PROGRAMS if (ROOT / service / name).exists())


def _environ(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings, and no more of this process's environment than Python needs."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings}


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0
