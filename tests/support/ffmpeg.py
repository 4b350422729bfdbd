"""The real ffmpeg in its cage, behind a script that first waits, or kills the worker.

The script stands where the worker looks for perl, which closes the cage: in front of it there is
still everything to be had. What is given out is the PATH to start the worker with.
"""

import os
from pathlib import Path

from tests.support.closing import Closing
from tests.support.machine import alive
from tests.support.wait import until

# A word that only the arguments of one step have.
ENCODE, COVER, LOUDNESS = "-progress", "mjpeg", "null"

# It dies with the worker, as what it stands in front of does.
_SCRIPT = """#!/bin/bash
[[ -v TIED ]] || TIED=yes exec setpriv --pdeathsig KILL -- "$0" "$@"
case " $* " in *' {step} '*) {first} ;; esac
exec /usr/bin/perl "$@"
"""


class Gate(Closing):
    """Conversions wait at it until they are let through; `path` is the worker's PATH.

    They wait before `step`, with the process that becomes its ffmpeg.
    """

    def __init__(self, folder: Path, step: str = ENCODE) -> None:
        self._fifo, self._held = folder / "gate", folder / "held"
        os.mkfifo(self._fifo)
        self._held.mkdir()
        self._end = os.open(self._fifo, os.O_RDWR)
        hold = f": >'{self._held}'/$$; read -r _ <'{self._fifo}'"
        self.path = script(folder, hold, step)

    def wait_until_held(self, count: int = 1, timeout: float = 20) -> None:
        """Return once `count` conversions have come to the gate; those that have left it count."""
        until(lambda: len(list(self._held.iterdir())) >= count, f"{count} held", timeout)

    def held(self) -> list[int]:
        """The ids of the processes that have come to the gate."""
        return [int(path.name) for path in self._held.iterdir()]

    def let_through(self, count: int) -> None:
        """Let that many conversions through, now or when they come."""
        os.write(self._end, b"\n" * count)

    def close(self) -> None:
        """Close its end of the pipe; what still waits goes on waiting."""
        os.close(self._end)


def slow(folder: Path, seconds: float) -> str:
    """An ffmpeg that takes `seconds` more for every conversion, and no CPU meanwhile."""
    os.mkfifo(folder / "never")
    return script(folder, f"read -r -t {seconds} _ <>'{folder / 'never'}'")


def deadly(folder: Path) -> str:
    """An ffmpeg that kills the worker which starts a conversion with it."""
    return script(folder, "kill -KILL $PPID")


def broken(folder: Path) -> str:
    """An ffmpeg that is killed in each conversion, through no fault of the file's."""
    return script(folder, "kill -KILL $$")


def script(folder: Path, first: str, step: str = ENCODE) -> str:
    """An ffmpeg that runs a line of bash before each conversion's `step`."""
    path = folder / "perl"
    path.write_text(_SCRIPT.format(step=step, first=first))
    path.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def with_child(folder: Path) -> str:
    """An ffmpeg that starts a child and never ends; for `children_left`."""
    os.mkfifo(folder / "never")
    (folder / "children").mkdir()
    child = f"cat <'{folder / 'never'}' & : >'{folder / 'children'}'/$!; wait"
    return script(folder, child)


def children_left(folder: Path) -> int:
    """How many of the started children still run."""
    pids = [int(path.name) for path in (folder / "children").iterdir()]
    assert pids
    return sum(map(alive, pids))
