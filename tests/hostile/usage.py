"""What a process and its descendants take of the machine, until it ends or is ended."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass

from tests.support.tree import Tree, cpu

_INTERVAL = 0.02  # seconds between two looks at the memory


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
    started, peak, ended, lost = time.monotonic(), 0.0, True, 0.0
    tree = Tree([process.pid])
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, tree.memory())
        if ended and time.monotonic() - started > limit:
            ended = False
            pids = tree.pids()
            lost = cpu(pids[1:])  # what is killed here, nobody waits for
            _kill(pids)
        time.sleep(_INTERVAL)
    process.returncode = os.waitstatus_to_exitcode(status)
    memory = int(peak * 2**20)
    return Usage(time.monotonic() - started, used.ru_utime + used.ru_stime + lost, memory, ended)


def _kill(pids: list[int]) -> None:
    for pid in reversed(pids):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
