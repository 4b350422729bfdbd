"""What a process and its descendants take of the machine, until it ends or is ended."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_INTERVAL = 0.02  # seconds between two looks at the memory
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """Seconds of wall and CPU, bytes of memory at the peak; `ended` says if it ended by itself."""

    seconds: float
    cpu: float
    memory: int
    ended: bool


def watch(process: subprocess.Popen[str], limit: float) -> Usage:
    """Wait for its end, and kill the tree after `limit` seconds.

    Memory is the sum of the processes' resident sets, looked at again and again; CPU is counted by
    the kernel, of all that were waited for.
    """
    started, peak, ended, lost = time.monotonic(), 0, True, 0.0
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, sum(map(_resident, tree(process.pid))))
        if ended and time.monotonic() - started > limit:
            ended = False
            lost = sum(map(_cpu, tree(process.pid)[1:]))  # what is killed here, nobody waits for
            _kill(tree(process.pid))
        time.sleep(_INTERVAL)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Usage(time.monotonic() - started, used.ru_utime + used.ru_stime + lost, peak, ended)


def tree(pid: int) -> list[int]:
    """The process and its descendants."""
    found = [pid]
    for parent in found:
        try:
            tasks = list(Path(f"/proc/{parent}/task").glob("*/children"))
            found += [int(word) for task in tasks for word in task.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS  # utime and stime, proc(5)


def _kill(pids: list[int]) -> None:
    for pid in reversed(pids):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
