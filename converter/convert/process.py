"""Run a program that must not outlive its time limit, its job, or this process."""

import contextlib
import os
import signal
import subprocess  # noqa: S404 ffmpeg is a program
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from servicekit.errors import StoppedError

WATCH_INTERVAL = 0.2  # seconds from an abort or the time limit to the kill, at most
ERROR_TAIL = 1 << 20  # bytes of standard error that are kept; a report may hold thousands of tags

# The kernel kills the program when this process dies; outside a container nothing else would.
_TIED = ("setpriv", "--pdeathsig", "KILL", "--")


@dataclass(frozen=True)
class Ended:
    """How a program ended: exit code (negative: the signal), output, and the end of its errors."""

    code: int
    stdout: str
    stderr: str


def run(
    command: Sequence[str],
    limit: float,
    abort: threading.Event,
    on_line: Callable[[str], None] | None = None,
) -> Ended:
    """Run `command` and wait for its end; lines of output go to `on_line` instead, if given.

    After `limit` seconds the whole process group is killed and TimeoutError raised; when `abort`
    is set, StoppedError. The program gets no standard input and none of our environment.
    """
    deadline = time.monotonic() + limit
    ended = threading.Event()
    lines: list[str] = []
    with tempfile.TemporaryFile() as stderr:
        with subprocess.Popen(  # noqa: S603 no word of the command comes from a user
            [*_TIED, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            errors="replace",
            start_new_session=True,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        ) as process:
            watcher = threading.Thread(target=_watch, args=(process, deadline, abort, ended))
            watcher.start()
            try:
                assert process.stdout is not None  # noqa: S101 tells mypy what PIPE means
                for line in process.stdout:
                    (on_line or lines.append)(line)
                process.wait()
            finally:
                _kill_group(process)  # it still runs only if `on_line` raised
                ended.set()
                watcher.join()
        if abort.is_set():
            raise StoppedError("the job was broken off")
        if time.monotonic() >= deadline:
            raise TimeoutError(f"{command[0]} ran longer than {limit:.0f} s")
        return Ended(process.returncode, "".join(lines), _tail(stderr.fileno()))


def _watch(
    process: subprocess.Popen[str], deadline: float, abort: threading.Event, ended: threading.Event
) -> None:
    while not ended.wait(WATCH_INTERVAL):
        if abort.is_set() or time.monotonic() >= deadline:
            _kill_group(process)
            return


def _kill_group(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _tail(stderr: int) -> str:
    size = os.fstat(stderr).st_size
    return os.pread(stderr, ERROR_TAIL, max(0, size - ERROR_TAIL)).decode(errors="replace").strip()
