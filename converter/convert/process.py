"""Run a program that must not outlive its time limit, its job, or this process."""

import contextlib
import io
import os
import signal
import subprocess  # noqa: S404 ffmpeg is a program
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from convert.cage import Cage, Limits, enclose
from convert.cage.launch import CANNOT
from servicekit.errors import StoppedError

WATCH_INTERVAL = 0.2  # seconds from an abort or the time limit to the kill, at most
ERROR_TAIL = 1 << 20  # characters of errors that are kept; a report may hold thousands of tags
_BLOCK = 1 << 14
TRIAL_LIMIT = 30  # seconds
LINE_MAX = 64 * 1024  # characters of output that are taken for a line
OUTPUT_MAX = 4 * 1024 * 1024  # characters of output that are kept; at more it is killed

# One arena for all threads: malloc would set aside 64 MB of address space for each.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}


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
    cage: Cage,
    on_line: Callable[[str], None] | None = None,
) -> Ended:
    """Run `command` in `cage` and wait for its end; lines of output go to `on_line`, if given.

    After `limit` seconds the whole process group is killed and TimeoutError raised; when `abort`
    is set, StoppedError; RuntimeError when the cage cannot be closed. The program gets no standard
    input and none of our environment, and dies with the calling thread.
    """
    deadline = time.monotonic() + limit
    ended = threading.Event()
    kept = io.StringIO()

    def keep(text: str) -> None:
        if kept.write(text) and kept.tell() > OUTPUT_MAX:
            raise RuntimeError(f"{command[0]} printed more than {OUTPUT_MAX} characters")

    with (
        enclose(command, cage) as launch,
        subprocess.Popen(  # noqa: S603 no word of the command comes from a user
            launch.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
            pass_fds=launch.descriptors,
            env=_ENVIRONMENT,
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 tells mypy what PIPE means
        assert process.stderr is not None  # noqa: S101
        errors = _Tail(process.stderr)
        watcher = threading.Thread(target=_watch, args=(process, deadline, abort, ended))
        watcher.start()
        try:
            while line := process.stdout.readline(LINE_MAX):
                (on_line or keep)(line)
            process.wait()
        finally:
            _kill_group(process)  # it still runs only if what takes its lines raised
            ended.set()
            watcher.join()
            errors.join()
    if abort.is_set():
        raise StoppedError("the job was broken off")
    if time.monotonic() >= deadline:
        raise TimeoutError(f"{command[0]} ran longer than {limit:.0f} s")
    if process.returncode == CANNOT:
        raise RuntimeError(f"{command[0]} was not started: {errors.text}")
    return Ended(process.returncode, kept.getvalue(), errors.text)


def try_out(command: Sequence[str]) -> None:
    """Run `command` in a cage without files; RuntimeError, or FileNotFoundError, if that fails."""
    cage = Cage(Limits(cpu=TRIAL_LIMIT, file_size=0))
    ended = run(command, TRIAL_LIMIT, threading.Event(), cage)
    if ended.code:
        raise RuntimeError(f"{command[0]} ended with {ended.code} in its cage: {ended.stderr}")


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


class _Tail(threading.Thread):
    """Reads a stream to its end and keeps `text`, its last ERROR_TAIL characters."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__(name="errors")
        self._stream = stream
        self._blocks: deque[str] = deque(maxlen=ERROR_TAIL // _BLOCK)
        self.start()

    def run(self) -> None:
        """Read as the program writes, so that it never waits."""
        while block := self._stream.read(_BLOCK):
            self._blocks.append(block)

    @property
    def text(self) -> str:
        """What is kept, without white space around it."""
        return "".join(self._blocks).strip()
