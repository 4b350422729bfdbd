"""The folder of a process for its job's files; what a crash leaves of one is removed later."""

import os
import shutil
from pathlib import Path

PREFIX = "video2mp3-"


def claim(root: Path) -> Path:
    """This process's own empty folder under `root`; removes those of processes that are gone.

    Raises OSError when `root` cannot be written.
    """
    for leftover in root.glob(f"{PREFIX}*"):
        if not _alive(leftover.name.removeprefix(PREFIX)):
            shutil.rmtree(leftover, ignore_errors=True)
    mine = root / f"{PREFIX}{os.getpid()}"
    shutil.rmtree(mine, ignore_errors=True)  # in a container the pid is the same after each restart
    mine.mkdir(mode=0o700)
    return mine


def _alive(pid: str) -> bool:
    return Path("/proc", pid).exists()
