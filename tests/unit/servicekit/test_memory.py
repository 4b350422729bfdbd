"""A process gives back what it has freed."""

import os
import subprocess
import sys

from tests.support.project import ROOT

TIMEOUT = 30  # seconds
FREED = 50 * 2**20  # bytes

# Blocks too small to be mapped one by one, and one behind them that keeps the heap from shrinking.
_PROGRAM = f"""
from pathlib import Path
from servicekit import memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * {os.sysconf("SC_PAGE_SIZE")}

blocks = [bytes([1]) * 100_000 for _ in range({FREED} // 100_000)]
last = blocks[-1]
del blocks
before = resident()
memory.give_back()
print(before - resident())
"""


def test_what_lies_before_something_still_used_is_given_back_too() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env={"PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert int(done.stdout) > FREED * 0.9
